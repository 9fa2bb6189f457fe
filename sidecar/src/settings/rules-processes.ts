import { type Complaint, invalid, namesOf, type Path } from './complaint.ts';
import type { BundleDocument } from './schema.ts';

type Target = BundleDocument['targets'][number];

const PROCESS_KEYS = ['process', 'commandLine', 'pidFile'] as const;

type Process = Pick<NonNullable<Target['signal']>, (typeof PROCESS_KEYS)[number]>;

/** Something must say which process is meant. */
export function processRules(meant: Process, path: Path): Complaint[] {
  if (PROCESS_KEYS.some((key) => meant[key] !== undefined)) return [];
  return [invalid(path, `needs one of ${namesOf(PROCESS_KEYS)}`)];
}
