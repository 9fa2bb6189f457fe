import { EVENT_ID, type Event } from 'js-yaml';
import type { Issue } from '../model/issue.ts';

/** How many values aliases may add to a file, far above what a usual bundle has. */
export const MAX_ALIASED_VALUES = 100_000;

/** A value that an anchor names, or a collection that is still open. */
interface Counted {
  /** Number of values in it, with aliases expanded. */
  size: number;
  open: boolean;
}

/**
 * Refuses aliases that form a cycle or expand to too many values. Linear in the length of the file:
 * the size of an anchor is known when an alias names it, so nothing is ever expanded.
 */
export function aliasIssue(text: string, events: readonly Event[]): Issue | undefined {
  // Most files have none, and the loop below makes an object for each value.
  if (!events.some(({ type }) => type === EVENT_ID.ALIAS)) return undefined;
  const anchors = new Map<string, Counted>();
  const open: Counted[] = [];
  let aliased = 0;
  for (const event of events) {
    if (event.type === EVENT_ID.POP) close(open);
    else if (event.type !== EVENT_ID.ALIAS) begin(event, text, anchors, open);
    else {
      const target = anchors.get(text.slice(event.anchorStart, event.anchorEnd));
      // js-yaml reports an alias of nothing itself.
      if (target === undefined) continue;
      const at = event.anchorStart - 1;
      if (target.open) return issueAt(at, 'form a cycle');
      aliased += target.size;
      if (aliased > MAX_ALIASED_VALUES)
        return issueAt(at, `expand to more than ${MAX_ALIASED_VALUES} values`);
      grow(open, target.size);
    }
  }
  return undefined;
}

/** A document, a collection or a scalar. */
type BeginEvent = Exclude<
  Event,
  { readonly type: typeof EVENT_ID.POP } | { readonly type: typeof EVENT_ID.ALIAS }
>;

function begin(
  event: BeginEvent,
  text: string,
  anchors: Map<string, Counted>,
  open: Counted[],
): void {
  const counted = { size: 1, open: event.type !== EVENT_ID.SCALAR };
  if (event.type === EVENT_ID.DOCUMENT) anchors.clear();
  else if (event.anchorStart !== -1)
    anchors.set(text.slice(event.anchorStart, event.anchorEnd), counted);
  if (counted.open) open.push(counted);
  else grow(open, counted.size);
}

function issueAt(at: number, what: string): Issue {
  return { code: 'LG_VALIDATE_ALIASES', args: [what], at };
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
