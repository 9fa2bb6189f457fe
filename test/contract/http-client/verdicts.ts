/**
 * What Go's HTTP client and lastgood make of each unusual server. `verdicts.json` records both, and
 * docs/targets.md shows them; the tests beside compare. To record again: `node
 * test/contract/http-client/lastgood.test.ts --write`, then `go.test.ts --write`, which needs Go.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Outcomes } from './measure.ts';
import { UNUSUAL_SERVERS } from './unusual-servers.ts';

const FILE = join(import.meta.dirname, 'verdicts.json');

export interface Verdict extends Outcomes {
  /** The status that Go's client returns; 0 for an error. */
  readonly go: number;
}

/** By the title of the server. */
type Verdicts = Readonly<Record<string, Verdict>>;

export function recordedVerdicts(): Verdicts {
  return JSON.parse(readFileSync(FILE, 'utf8'));
}

/** Replaces a part of what is recorded, in the order of the servers. */
export function recordVerdicts(parts: Readonly<Record<string, Partial<Verdict>>>): void {
  const known = recordedVerdicts();
  const all = UNUSUAL_SERVERS.map(({ title }) => [title, { ...known[title], ...parts[title] }]);
  writeFileSync(FILE, `${JSON.stringify(Object.fromEntries(all), null, 2)}\n`);
}
