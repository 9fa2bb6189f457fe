import { type Complaint, invalid, namesOf, type Path } from './complaint.ts';
import type { BundleDocument } from './schema.ts';

type Check = BundleDocument['validate'][number];

/** The keys that say what an entry of `validate` is, and those that may stand beside each. */
const KINDS = {
  files: ['format', 'schema', 'rules'],
  keys: ['schema', 'rules'],
  shape: [],
  traps: [],
  exec: [],
  rules: [],
} as const satisfies Record<string, readonly (keyof Check)[]>;

/** Holds the keys of each entry of `validate` against each other. */
export function checkKinds(checks: readonly Check[], path: Path): Complaint[] {
  const twice = (['shape', 'traps'] as const).flatMap((kind) => {
    const [, second] = [...checks.keys()].filter((index) => checks[index]?.[kind] !== undefined);
    return second === undefined ? [] : [invalid([...path, second, kind], 'stands twice')];
  });
  return [...checks.flatMap((check, index) => complaintsOf(check, [...path, index])), ...twice];
}

/** An entry is of one kind, and has no key that its kind would ignore. */
function complaintsOf(check: Check, path: Path): Complaint[] {
  const has = (key: string) => check[key as keyof Check] !== undefined;
  const kind = Object.keys(KINDS).find(has) as keyof typeof KINDS | undefined;
  if (kind === undefined) return [invalid(path, `needs one of ${namesOf(Object.keys(KINDS))}`)];
  const allowed: readonly string[] = [kind, ...KINDS[kind]];
  const strays = Object.keys(check).filter((key) => has(key) && !allowed.includes(key));
  const stray = strays.map((key) => invalid([...path, key], `cannot stand beside ${kind}`));
  const isIdle = kind === 'keys' && !has('schema') && !has('rules');
  return isIdle ? [...stray, invalid(path, 'needs "schema" or "rules" beside keys')] : stray;
}
