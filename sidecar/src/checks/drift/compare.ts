import type { Part, Pointer } from '@lastgood/core/formats/format.ts';
import type { ShapeMode } from '../../settings/settings.ts';
import { isEmpty, type Kind, kindOf, type Shape } from './shape.ts';

/** One way in which a value no longer looks like the last good one. */
export interface Difference {
  readonly pointer: Pointer;
  readonly part: Part;
  /** `is text (was a number)`; holds kinds only, and no part of the content. */
  readonly message: string;
  /** What a message about a file that is not secret may say besides. */
  readonly detail?: string;
  /**
   * - `suspicious`: an app reads it as well as the old one, but people rarely mean it.
   * - `incompatible`: an app that reads the old one may stumble over this.
   * - `new`: it was not there before.
   */
  readonly weight: 'suspicious' | 'incompatible' | 'new';
}

/** More than so many differences are no mistake but another file. */
const MAX_DIFFERENCES = 100;

/** A number that grew or shrank by this factor is most likely a slip: a zero or two, another unit. */
const SUSPICIOUS_FACTOR = 100;

/** The severity that a difference has in a mode; undefined where the mode does not mind it. */
export function severityOf(
  { weight }: Pick<Difference, 'weight'>,
  mode: ShapeMode,
): 'error' | 'warning' | undefined {
  if (mode === 'off') return undefined;
  if (weight === 'suspicious') return 'warning';
  if (weight === 'new') return mode === 'same' ? 'error' : undefined;
  return mode === 'warn' ? 'warning' : 'error';
}

/** How a value differs from what was there before. Of mappings and lists, every part is compared. */
export function differencesOf(before: Shape, value: unknown): readonly Difference[] {
  const found: Difference[] = [];
  compare(before, value, [], (difference) => {
    if (found.length < MAX_DIFFERENCES) found.push(difference);
  });
  return found;
}

type Tell = (difference: Difference) => void;

function compare(before: Shape, value: unknown, pointer: Pointer, tell: Tell): void {
  // Nothing is known of what stood here.
  if (before.kinds.size === 0) return;
  const kind = kindOf(value);
  if (!before.kinds.has(kind)) tell(changedKind(before, value, pointer));
  else if (isEmpty(value) && !before.isEmpty) tell(emptied(kind, pointer));
  else if (kind === 'a number') compareNumbers(before, Number(value), pointer, tell);
  else if (Array.isArray(value)) compareEntries(before, value, pointer, tell);
  else if (kind === 'a mapping')
    compareKeys(before, value as Record<string, unknown>, pointer, tell);
}

function changedKind({ kinds }: Shape, value: unknown, pointer: Pointer): Difference {
  const were = [...kinds].join(' or ');
  const message = `${becameOf(value)} (was ${were})`;
  // What was null had no meaning yet; an app that took null for it may still take this.
  const weight = were === 'null' ? 'new' : 'incompatible';
  return { pointer, part: 'value', message, weight };
}

/** A blank is not told as text: nobody wrote one. */
function becameOf(value: unknown): string {
  const kind = kindOf(value);
  if (kind === 'null') return 'became null';
  return value === '' ? 'became empty' : `is ${kind}`;
}

function emptied(kind: Kind, pointer: Pointer): Difference {
  const what = kind === 'text' ? 'empty' : `an empty ${kind.slice('a '.length)}`;
  const message = `became ${what}`;
  return { pointer, part: 'value', message, weight: 'incompatible' };
}

function compareNumbers(before: Shape, number: number, pointer: Pointer, tell: Tell): void {
  const { number: old } = before;
  if (old === undefined || old === 0 || number === old) return;
  const factor = Math.abs(number / old);
  if (factor < SUSPICIOUS_FACTOR && factor > 1 / SUSPICIOUS_FACTOR) return;
  const message = number === 0 ? 'became zero' : 'moved by orders of magnitude';
  const detail = `(is ${number}, was ${old})`;
  tell({ pointer, part: 'value', message, detail, weight: 'suspicious' });
}

function compareEntries(
  { entries }: Shape,
  value: readonly unknown[],
  pointer: Pointer,
  tell: Tell,
): void {
  if (entries === undefined) return;
  for (const [index, entry] of value.entries()) compare(entries, entry, [...pointer, index], tell);
}

function compareKeys(
  { keys, optional }: Shape,
  value: Readonly<Record<string, unknown>>,
  pointer: Pointer,
  tell: Tell,
): void {
  for (const [key, before] of keys)
    if (!optional.has(key) && !Object.hasOwn(value, key)) tell(vanished(before, [...pointer, key]));
  for (const key of Object.keys(value)) {
    const before = keys.get(key);
    if (before !== undefined) compare(before, value[key], [...pointer, key], tell);
    else tell({ pointer: [...pointer, key], part: 'key', message: 'is new', weight: 'new' });
  }
}

/** Its pointer leads nowhere any more, so it is told where the mapping stands that had it. */
function vanished({ kinds: were }: Shape, pointer: Pointer): Difference {
  const kinds = [...were].join(' or ');
  const message = `is no longer there${kinds === '' ? '' : ` (was ${kinds})`}`;
  return { pointer, part: 'key', message, weight: 'incompatible' };
}
