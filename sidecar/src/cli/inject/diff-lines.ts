// As `util.diff`: a named import of it would load the code at the start of the sidecar too.
import util, { type DiffEntry } from 'node:util';

/** Shorter parts are not cut further. */
const MIN_LINES = 500;

/** Lines in a row that make a place, if both texts have them once. */
const WINDOW = 3;

/**
 * The differences between two lists of lines. The memory of `util.diff` grows with the square of what it
 * compares, so long texts are cut where they are the same, and compared part by part.
 */
export function diffLines(before: readonly string[], after: readonly string[]): DiffEntry[] {
  const entries: DiffEntry[] = [];
  let [from, to] = [0, 0];
  const compare = (end: number, otherEnd: number) => {
    for (const entry of util.diff(before.slice(from, end), after.slice(to, otherEnd)))
      entries.push(entry);
    [from, to] = [end, otherEnd];
  };
  if (before.length > MIN_LINES)
    for (const [at, other] of commonPlaces(before, after))
      if (at - from >= MIN_LINES) compare(at, other);
  compare(before.length, after.length);
  return entries;
}

type Place = readonly [at: number, other: number];

/** Where both have the same lines that neither has elsewhere, in the order of both. */
function commonPlaces(before: readonly string[], after: readonly string[]): readonly Place[] {
  const others = placesOf(after);
  const common = [...placesOf(before)].flatMap(([window, at]): readonly Place[] => {
    const other = others.get(window);
    return at === undefined || other === undefined ? [] : [[at, other]];
  });
  return longestRise(common);
}

/** Each window with its index; undefined if it is there more than once. */
function placesOf(lines: readonly string[]): ReadonlyMap<string, number | undefined> {
  const places = new Map<string, number | undefined>();
  for (let at = 0; at + WINDOW <= lines.length; at++) {
    const window = lines.slice(at, at + WINDOW).join('');
    places.set(window, places.has(window) ? undefined : at);
  }
  return places;
}

interface Link {
  readonly place: Place;
  readonly previous: Link | undefined;
}

/** The most places whose second numbers rise too: what was moved is left out. */
function longestRise(places: readonly Place[]): readonly Place[] {
  // By length: the rise of this length whose last number is the least.
  const ends: Link[] = [];
  for (const place of places) {
    const found = ends.findLastIndex((end) => end.place[1] < place[1]);
    ends[found + 1] = { place, previous: ends[found] };
  }
  const rise: Place[] = [];
  for (let link = ends.at(-1); link !== undefined; link = link.previous) rise.push(link.place);
  return rise.reverse();
}
