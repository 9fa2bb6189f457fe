import { compareShape } from '../../sidecar/src/checks/drift/check-drift.ts';
import { shapesOf } from '../../sidecar/src/checks/drift/shape.ts';
import { Random } from '../rollout/random.ts';
import { type EditKind, ORDINARY_EDITS, REVERTED_EDITS } from './edits.ts';
import { type ConfigFile, makeFile } from './files.ts';

/** How many edits of a kind there were, and how many of them `shape: warn` reports. */
export interface Rate {
  edits: number;
  reported: number;
}

/** The rates by the names of the kinds. */
export interface Rates {
  readonly ordinary: ReadonlyMap<string, Rate>;
  readonly reverted: ReadonlyMap<string, Rate>;
}

const EDITS_OF_A_HISTORY = 10;

/** Makes a history of a file with each seed, and compares each version with the one before it. */
export function measureRates(seeds: readonly number[]): Rates {
  const rates = { ordinary: new Map<string, Rate>(), reverted: new Map<string, Rate>() };
  for (const seed of seeds) {
    const random = new Random(seed);
    let file = makeFile(random);
    for (let index = 0; index < EDITS_OF_A_HISTORY; index++) {
      // It is taken back at once, so the history goes on without it.
      count(rates.reverted, file, edited(file, REVERTED_EDITS, random));
      const next = edited(file, ORDINARY_EDITS, random);
      count(rates.ordinary, file, next);
      file = next.file;
    }
  }
  return rates;
}

/** All kinds together, as a fraction. */
export function reportedFraction(rates: ReadonlyMap<string, Rate>): number {
  const all = [...rates.values()];
  const sum = (key: keyof Rate) => all.reduce((total, rate) => total + rate[key], 0);
  return sum('reported') / sum('edits');
}

interface Edited {
  readonly kind: EditKind;
  readonly file: ConfigFile;
}

function edited(file: ConfigFile, kinds: readonly EditKind[], random: Random): Edited {
  for (;;) {
    const kind = pickKind(kinds, random);
    const next = { ...file, value: structuredClone(file.value) };
    if (kind.apply(next, random)) return { kind, file: next };
  }
}

function pickKind(kinds: readonly EditKind[], random: Random): EditKind {
  let left = random.next() * kinds.reduce((total, { weight }) => total + weight, 0);
  for (const kind of kinds) {
    left -= kind.weight;
    if (left < 0) return kind;
  }
  return random.pick(kinds);
}

function count(rates: Map<string, Rate>, before: ConfigFile, { kind, file }: Edited): void {
  const rate = rates.get(kind.name) ?? { edits: 0, reported: 0 };
  rates.set(kind.name, rate);
  rate.edits += 1;
  const [shape] = shapesOf([before.value]);
  if (shape === undefined) throw new Error('a document has no shape');
  if (compareShape(shape, file.value, { mode: 'warn', secret: false }).length > 0)
    rate.reported += 1;
}
