import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/** What a volume holds: bytes by path. */
export type Content = ReadonlyMap<string, Buffer>;

/** A content that is not as the good one. */
export interface Variant {
  readonly name: string;
  readonly content: Content;
  /** Findings as a person reads them; of an ordinary change there are none. */
  readonly expected: readonly string[];
}

export interface Example {
  readonly name: string;
  /** Path of its `lastgood.yaml`. */
  readonly settings: string;
  readonly good: Content;
  readonly changed: readonly Variant[];
  readonly broken: readonly Variant[];
}

/** The files in the folder of a variant that the volume does not hold. */
const EXPECTED = 'expected.txt';
const REMOVED = 'removed.txt';

/** Reads the folder of an example: `good/`, and what `changed/` and `broken/` lay over it. */
export function readExample(dir: string): Example {
  const good = contentIn(join(dir, 'good'));
  const variantsIn = (kind: string) =>
    namesIn(join(dir, kind)).map((name) => readVariant(join(dir, kind, name), good));
  return {
    name: basename(dir),
    settings: join(dir, 'lastgood.yaml'),
    good,
    changed: variantsIn('changed'),
    broken: variantsIn('broken'),
  };
}

function readVariant(dir: string, good: Content): Variant {
  const content = new Map([...good, ...contentIn(dir)]);
  for (const path of [EXPECTED, REMOVED, ...linesIn(join(dir, REMOVED))]) content.delete(path);
  return { name: basename(dir), content, expected: linesIn(join(dir, EXPECTED)) };
}

function contentIn(dir: string): Content {
  return new Map(namesIn(dir).map((name) => [name, readFileSync(join(dir, name))]));
}

function linesIn(path: string): readonly string[] {
  return existsSync(path) ? readFileSync(path, 'utf8').trimEnd().split('\n') : [];
}

function namesIn(dir: string): readonly string[] {
  return existsSync(dir) ? readdirSync(dir).toSorted() : [];
}
