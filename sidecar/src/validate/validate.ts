import { readFile } from 'node:fs/promises';
import type { CheckSettings } from '../settings/settings.ts';
import type { Snapshot, SnapshotFile } from '../snapshot.ts';
import { type Verdict, verdictOf } from '../verdict.ts';
import { createChecks, missingFiles } from './checks.ts';
import { type Judgement, join, listOf } from './findings.ts';
import { isParsed, judgeFile } from './judge.ts';

/** A snapshot is accepted unless a finding is an error. Rejects only when the signal aborts. */
export type Validator = (snapshot: Snapshot, signal?: AbortSignal) => Promise<Verdict>;

/**
 * A larger file is checked in a thread of its own. What parsing takes depends on what is in the
 * file: for one of this size up to 15 MB, which the heap of the sidecar has to spare.
 */
export const MAX_INLINE_BYTES = 32 * 2 ** 10;

/**
 * Reads and compiles the schemas once. Rejects with `LG_SETTINGS_SCHEMA` for a schema file that is
 * missing, cannot be parsed or is not a JSON Schema. A schema that changes later is not seen.
 *
 * @param makeRoom - called before something that needs much memory
 */
export async function createValidator(
  settings: readonly CheckSettings[],
  makeRoom = () => {},
): Promise<Validator> {
  const schemas = new Map<string, Buffer>();
  const checks = await createChecks(settings, async (path) => {
    const bytes = await readFile(path);
    schemas.set(path, bytes);
    return bytes;
  });
  const judge = async (file: SnapshotFile, signal?: AbortSignal): Promise<Judgement> => {
    if (file.bytes.length <= MAX_INLINE_BYTES || !isParsed(file, checks))
      return judgeFile(file, checks);
    const { judgeInThread } = await import('./thread.ts');
    const named = settings.filter((_, index) => checks[index]?.matches(file.path));
    return judgeInThread({ file, checks: named, schemas }, makeRoom, signal);
  };
  let known: ReadonlyMap<string, Known> = new Map();
  return async (snapshot, signal) => {
    const judged = new Map<string, Known>();
    for (const file of snapshot.files) {
      const { path, sha256, secret } = file;
      const before = known.get(path);
      // A file that did not change is not checked again: its findings cannot differ.
      if (before?.sha256 === sha256 && before.secret === secret) judged.set(path, before);
      else judged.set(path, { sha256, secret, judgement: await judge(file, signal) });
    }
    // Only the newest snapshot's answers are kept, and of them the findings alone, never a value.
    known = judged;
    const missing = missingFiles(checks, snapshot.files);
    const all = join([missing, ...[...judged.values()].map(({ judgement }) => judgement)]);
    return verdictOf(listOf(all));
  };
}

/** What was found in a file, and in what content of it. */
interface Known {
  readonly sha256: string;
  readonly secret: boolean;
  readonly judgement: Judgement;
}
