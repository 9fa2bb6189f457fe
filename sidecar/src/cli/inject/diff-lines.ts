// As `util.diff`: a named import of it would load the code at the start of the sidecar too.
import util, { type DiffEntry } from 'node:util';

/** Shorter parts are not cut further. */
const MIN_LINES = 500;

/** Lines in a row that make a place, if both texts have them once. */
const WINDOW = 2;

/**
 * The differences between two lists of lines. The memory of `util.diff` grows with the square of what it
 * compares, so long texts are cut where they are the same, and compared part by part.
 */
export function diffLines(before: readonly string[], after: readonly string[]): DiffEntry[] {
  const entries: DiffEntry[] = [];
  let [from, to] = [0, 0];
  const compare = (end: number, otherEnd: number) => {
    for (const entry of diffPart(before.slice(from, end), after.slice(to, otherEnd)))
      entries.push(entry);
    [from, to] = [end, otherEnd];
  };
  if (Math.max(before.length, after.length) > MIN_LINES) {
    const places = commonPlaces(before, after);
    for (const [at, other] of places) if (at - from >= MIN_LINES) compare(at, other);
    // What is added below all that was there is not compared with anything.
    const last = places.at(-1);
    if (last !== undefined) compare(last[0] + WINDOW, last[1] + WINDOW);
  }
  compare(before.length, after.length);
  return entries;
}

function diffPart(before: readonly string[], after: readonly string[]): readonly DiffEntry[] {
  if (before.length === 0) return after.map((line) => [-1, line]);
  if (after.length === 0) return before.map((line) => [1, line]);
  return util.diff(before, after);
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
