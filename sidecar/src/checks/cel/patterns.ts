import { RE2JS } from '@bufbuild/re2';

/** The most copies of a part of a pattern: RE2 takes no more. */
const MAX_COPIES = 1_000;

/** The memory of an instruction, and of the ranges of a class such as `\pL`, as a number of characters. */
const INSTRUCTION = 4;
const CLASS = 1_000;

/** A rule has few patterns, and compiling one in each round of a loop takes longer than using it. */
const MAX_COMPILED = 8;

/** By default 10,000 states, with 14 MB. Beyond the limit RE2 searches more slowly, and still in linear time. */
const MAX_STATES = 500;
const MAX_STATES_SIZE = 1_000_000;

const compiled = new Map<string, RE2JS>();

export function compilePattern(pattern: string): RE2JS {
  const known = compiled.get(pattern);
  if (known !== undefined) return known;
  const regex = RE2JS.compile(pattern);
  const { dfa } = regex.re2();
  dfa.stateLimit = Math.min(MAX_STATES, Math.ceil(MAX_STATES_SIZE / sizeOfPattern(pattern)));
  if (compiled.size === MAX_COMPILED) compiled.clear();
  compiled.set(pattern, regex);
  return regex;
}

/** The memory for compiling a pattern, unless that is done, as a number of characters. */
export function newPatternSize(pattern: string): number {
  return compiled.has(pattern) ? 0 : sizeOfPattern(pattern);
}

function sizeOfPattern(pattern: string): number {
  const repeats = Array.from(
    pattern.matchAll(/(\)?)\{(\d+),?(\d*)\}/g),
    ([, group, least, most]) => ({ isOfGroup: group !== '', count: Number(most || least) || 1 }),
  );
  const ofGroups = repeats.filter(({ isOfGroup }) => isOfGroup);
  // Only groups can be inside each other.
  const copies = ofGroups.reduce((product, { count }) => product * count, 1);
  const most = repeats.reduce((max, { count }) => Math.max(max, count), 1);
  const classes = pattern.match(/\\[pP]/g)?.length ?? 0;
  const size = INSTRUCTION * (pattern.length + 1) * Math.min(MAX_COPIES, copies * most);
  return size + CLASS * classes;
}
