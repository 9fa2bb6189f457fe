import { EVENT_ID, type Event } from 'js-yaml';

/** A collection that is still open; only a mapping ever waits for a key. */
interface Open {
  readonly mapping: boolean;
  awaitsKey: boolean;
}

/** Offset of the first key that is a list or a mapping itself, undefined if there is none. */
export function complexKeyIn(events: readonly Event[]): number | undefined {
  const open: Open[] = [];
  for (const event of events) {
    if (event.type === EVENT_ID.POP) {
      open.pop();
      continue;
    }
    const parent = open.at(-1);
    const isKey = parent?.awaitsKey === true;
    if (parent?.mapping) parent.awaitsKey = !isKey;
    if (event.type === EVENT_ID.SCALAR || event.type === EVENT_ID.ALIAS) continue;
    if (isKey && event.type !== EVENT_ID.DOCUMENT) return event.start;
    const mapping = event.type === EVENT_ID.MAPPING;
    open.push({ mapping, awaitsKey: mapping });
  }
  return undefined;
}
