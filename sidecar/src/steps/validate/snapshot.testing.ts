import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { formatFinding } from '@lastgood/core/model/finding.ts';
import type { Snapshot, SnapshotFile } from '@lastgood/core/model/snapshot.ts';
import type {
  CheckSettings,
  FilesCheckSettings,
  RuleSettings,
  SchemaSettings,
} from '../../settings/settings.ts';
import type { Limits } from './task.ts';
import { createValidator } from './validator.ts';

export function fileOf(path: string, content: string | Uint8Array, secret = false): SnapshotFile {
  const bytes = Buffer.from(content as string);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return { path, mode: 0o644, bytes, sha256, secret };
}

export function snapshotOf(...files: SnapshotFile[]): Snapshot {
  const sizeBytes = files.reduce((sum, { bytes }) => sum + bytes.length, 0);
  return { version: `sha256:${'0'.repeat(64)}`, files, sizeBytes, writtenAtMs: 0 };
}

export function check(files: string, rest: Partial<FilesCheckSettings> = {}): FilesCheckSettings {
  return { files, format: 'auto', strict: false, tags: [], schema: undefined, rules: [], ...rest };
}

/** A rule of the settings. */
export function ruleSettings(rule: string, message?: string): RuleSettings {
  const namedAt = { file: 'lastgood.yaml', line: 7, column: 15 };
  return { rule, message, namedAt, verbatim: true };
}

/** A schema file that lasts as long as the test. */
export async function schemaFile(
  t: TestContext,
  content: unknown,
  name = 'schema.json',
): Promise<SchemaSettings> {
  const dir = await mkdtemp(join(tmpdir(), 'lastgood-schema-'));
  t.after(() => rm(dir, { recursive: true }));
  const path = join(dir, name);
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
  return schemaAt(path);
}

export function schemaAt(path: string): SchemaSettings {
  return { path, namedAt: { file: 'lastgood.yaml', line: 9, column: 17 } };
}

/** For a check that is slow on a busy machine, and whose result is what the test is about. */
export const PATIENT: Limits = { inlineMs: 1_000, taskMs: 600_000, totalMs: 600_000 };

/** For a check that never ends: the good files beside it get time enough in this thread. */
export const ENDING: Limits = { inlineMs: 2_000, taskMs: 1_000, totalMs: 60_000 };

/** The findings of one file, as a person reads them. */
export async function saidOf(
  file: SnapshotFile,
  checks: readonly CheckSettings[] = [],
  limits: Limits = PATIENT,
): Promise<readonly string[]> {
  const validate = await createValidator(checks, { limits });
  const { findings } = await validate(snapshotOf(file));
  return findings.map(formatFinding);
}
