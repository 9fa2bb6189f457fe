import type { CheckSettings } from '../settings/settings.ts';
import type { Snapshot, SnapshotFile } from '../snapshot.ts';
import { type Verdict, verdictOf } from '../verdict.ts';
import { type Check, createChecks, missingFiles } from './checks.ts';
import { type Judgement, join, listOf } from './findings.ts';
import { judgeFile } from './judge.ts';

/** Never throws; a snapshot is accepted unless a finding is an error. */
export type Validator = (snapshot: Snapshot) => Verdict;

/**
 * Reads and compiles the schemas once. Rejects with `LG_SETTINGS_SCHEMA` for a schema file that is
 * missing, cannot be parsed or is not a JSON Schema. A schema that changes later is not seen.
 */
export async function createValidator(settings: readonly CheckSettings[]): Promise<Validator> {
  const checks = await createChecks(settings);
  let known: ReadonlyMap<string, Known> = new Map();
  return (snapshot) => {
    const judged = snapshot.files.map(
      (file) => [file.path, judgeOnce(file, checks, known)] as const,
    );
    // Only the newest snapshot's answers are kept, and of them the findings alone, never a value.
    known = new Map(judged);
    const missing = missingFiles(checks, snapshot.files);
    const all = join([missing, ...judged.map(([, { judgement }]) => judgement)]);
    return verdictOf(listOf(all));
  };
}

/** What was found in a file, and in what content of it. */
interface Known {
  readonly sha256: string;
  readonly secret: boolean;
  readonly judgement: Judgement;
}

/** A file that did not change is neither parsed nor checked again: its findings cannot differ. */
function judgeOnce(
  file: SnapshotFile,
  checks: readonly Check[],
  known: ReadonlyMap<string, Known>,
): Known {
  const { path, sha256, secret } = file;
  const before = known.get(path);
  if (before?.sha256 === sha256 && before.secret === secret) return before;
  return { sha256, secret, judgement: judgeFile(file, checks) };
}
