/**
 * An app with the SDK, driven by lines of JSON: commands on stdin, what it sees on stdout. `python_app.fixture.py`
 * speaks the same. Argument: the options of {@link AppOptions}.
 */
import { writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { type ConfigError, connect, type State, secret } from '../../../sdk/src/index.ts';
import { DEADLINE_MS } from '../../deadline.ts';
import type { AppOptions, Command, Seen } from './protocol.ts';

const CONFIG = z.object({
  generation: z.number(),
  batch_size: z.number().max(64).default(1),
  workers: z.number().default(1),
  refused_by: z.string().optional(),
});
const FEATURES = z.object({ generation: z.number() });
const KEYS = secret(z.object({ username: z.string(), password: z.string() }));

const options: AppOptions = JSON.parse(process.argv[2] ?? '{}');
const { name, hasKeys, closeOnChange, ...place } = options;
let answer: Command = { do: 'accept' };
let release = Promise.withResolvers<void>();

// Synchronous: nothing of it is lost if the app is killed next.
const tell = (seen: Seen) => writeSync(1, `${JSON.stringify(seen)}\n`);
const die = () => process.kill(process.pid, 'SIGKILL');
process.on('unhandledRejection', (reason) => tell({ seen: 'unhandled', reason: String(reason) }));

try {
  const config = await connect({
    ...place,
    file: 'config.json',
    schema: CONFIG,
    timeoutMs: DEADLINE_MS,
  });
  const features = await config.view({ file: 'features.json', schema: FEATURES });
  const db = hasKeys ? await config.view({ keys: 'db', schema: KEYS }) : undefined;
  const value = () => ({
    config: config.current,
    features: features.current,
    ...(db && { db: db.current }),
  });
  const passwordLength = () => db?.current.password.reveal().length;

  config.needsRestart(({ workers }) => [workers]);
  config.prepare(async ({ generation, refused_by }) => {
    tell({ seen: 'prepare', generation });
    if (refused_by === name) throw new Error(`${refused_by} refuses it`);
    if (answer.do === 'hold') await release.promise;
    if (answer.do === 'slow') await sleep(answer.ms);
    if (answer.do === 'reject') throw new Error(answer.reason);
    if (answer.do === 'die' && answer.in === 'prepare') die();
    return {
      commit: () => answer.do === 'die' && answer.in === 'commit' && die(),
      abort: () => tell({ seen: 'abort', generation }),
    };
  });
  const tellState = ({ status, reason, rejected }: State) =>
    tell({ seen: 'state', status, reason, rejected: rejected?.version });
  config.onState(tellState);
  // Whichever listener comes first, all views have changed.
  const onChange = () => {
    tell({ seen: 'change', value: value(), version: config.version, length: passwordLength() });
    if (closeOnChange) void config.close().then(() => tell({ seen: 'closed' }));
  };
  config.onChange(onChange);
  if (db) db.onChange(onChange);
  tellState(config.state);
  tell({ seen: 'connected', value: value(), version: config.version, length: passwordLength() });

  for await (const line of createInterface({ input: process.stdin })) {
    const command: Command = JSON.parse(line);
    if (command.do === 'hold') release = Promise.withResolvers();
    if (command.do === 'release') release.resolve();
    answer = command;
    if (command.do === 'close') await config.close().then(() => tell({ seen: 'closed' }));
    tell({ seen: 'done', do: command.do });
  }
} catch (error) {
  const { code, message } = error as ConfigError;
  tell({ seen: 'failed', code, message });
}
