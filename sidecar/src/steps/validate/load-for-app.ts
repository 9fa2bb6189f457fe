import { setImmediate } from 'node:timers/promises';
import type { ErrorCode } from '@lastgood/core/model/error-codes.ts';
import { loadAppSchema } from '../../checks/json-schema/load.ts';
import type { SchemaCheck } from '../../checks/json-schema/schema-check.ts';
import { TooHeavyHere } from '../../checks/too-heavy-here.ts';
import { checksOfView } from './compile-checks.ts';
import { LIMITS } from './run-task.ts';
import type { CheckContext } from './task.ts';
import { runInWorker } from './worker-client.ts';

/** In the main thread, which answers probes. */
const INLINE_MS = 500;

const UNUSABLE: readonly ErrorCode[] = [
  'LG_INTERNAL',
  'LG_SETTINGS_SCHEMA',
  'LG_VALIDATE_TOO_HEAVY',
];

/** Each check then runs in a worker thread. */
const heavyCheck: SchemaCheck = () => {
  throw new TooHeavyHere();
};

/**
 * Loads the relaxed schema of an app from its text, as its checks will: in this thread if it is quick, else in a
 * worker thread. Resolves with the reason if it cannot be used. Never rejects.
 */
export async function loadForApp(
  path: string,
  text: Buffer,
  { inlineMs = INLINE_MS, workerMs = LIMITS.taskMs } = {},
): ReturnType<typeof loadAppSchema> {
  // Probes are answered between two schemas.
  await setImmediate();
  try {
    return await loadAppSchema(path, text, inlineMs);
  } catch (thrown) {
    if (!(thrown instanceof TooHeavyHere)) throw thrown;
  }
  const reason = await reasonUnusable(path, text, workerMs);
  return reason === undefined ? { check: heavyCheck } : { reason };
}

/** Compiles it in a worker thread, within what a check has there: at the start of an app, its CPU is busy. */
async function reasonUnusable(
  path: string,
  text: Buffer,
  withinMs: number,
): Promise<string | undefined> {
  const schema = { path, namedAt: { file: path } };
  const context: CheckContext = {
    settings: [],
    checks: checksOfView({ view: {}, schema: heavyCheck }),
    schemas: new Map([[path, text]]),
    views: [{ view: {}, schema }],
    makeRoom: () => {},
    limits: LIMITS,
    inline: { isSlow: true },
  };
  const { own } = await runInWorker({ files: [], active: undefined }, context, withinMs);
  const problem = own.findings.find(({ code }) => UNUSABLE.includes(code));
  return problem?.message.replace(/^.*? cannot be used: /, '');
}
