import { EVENT_ID, type Event } from 'js-yaml';
import type { SyntaxIssue } from './format.ts';

/** Aliases may add so many values to a file; a bundle of the usual size does not come near. */
export const MAX_ALIASED_VALUES = 100_000;

/** A value that an anchor names, or a collection that is still open. */
interface Counted {
  /** Values in it, aliases written out. */
  size: number;
  open: boolean;
}

/**
 * Refuses aliases that form a cycle, or that expand to more values than the bound. Linear in the
 * length of the file whatever they would expand to: the size of an anchor is known when an alias
 * names it, so nothing is ever expanded.
 */
export function aliasComplaint(text: string, events: readonly Event[]): SyntaxIssue | undefined {
  // Most files have none, and what follows makes an object for each value.
  if (!events.some(({ type }) => type === EVENT_ID.ALIAS)) return undefined;
  const anchors = new Map<string, Counted>();
  const open: Counted[] = [];
  let aliased = 0;
  for (const event of events) {
    if (event.type === EVENT_ID.POP) {
      close(open);
      continue;
    }
    if (event.type === EVENT_ID.DOCUMENT) anchors.clear();
    else if (event.type === EVENT_ID.ALIAS) {
      const target = anchors.get(text.slice(event.anchorStart, event.anchorEnd));
      // js-yaml reports an alias of nothing itself.
      if (target === undefined) continue;
      const offset = event.anchorStart - 1;
      if (target.open) return complaint('form a cycle', offset);
      aliased += target.size;
      if (aliased > MAX_ALIASED_VALUES) return complaint(TOO_MANY, offset);
      grow(open, target.size);
      continue;
    }
    const counted = { size: 1, open: event.type !== EVENT_ID.SCALAR };
    if (event.type !== EVENT_ID.DOCUMENT && event.anchorStart !== -1)
      anchors.set(text.slice(event.anchorStart, event.anchorEnd), counted);
    if (counted.open) open.push(counted);
    else grow(open, counted.size);
  }
  return undefined;
}

const TOO_MANY = `expand to more than ${MAX_ALIASED_VALUES} values`;

function complaint(what: string, offset: number): SyntaxIssue {
  return { code: 'LG_VALIDATE_ALIASES', args: [what], offset };
}

function close(open: Counted[]): void {
  const closed = open.pop();
  if (closed === undefined) return;
  closed.open = false;
  grow(open, closed.size);
}

function grow(open: readonly Counted[], size: number): void {
  const innermost = open.at(-1);
  if (innermost !== undefined) innermost.size += size;
}
