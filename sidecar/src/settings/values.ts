import { posix } from 'node:path';
import { tryTo } from '@lastgood/core/model/try-to.ts';
import {
  DURATION_PATTERN,
  durationMs,
  formatDuration,
  MAX_DURATION_MS,
  SIZE_PATTERN,
  sizeBytes,
} from '@lastgood/core/model/units.ts';
import * as z from 'zod/mini';
import { must, mustHidden } from './wording.ts';

/** The kinds of values that several keys of `lastgood.yaml` have, each with its message. */

/** The longest list in the settings. */
const MAX_ENTRIES = 100;
/** More than etcd stores for any object, and as much as a sidecar can still keep in memory. */
const MAX_SIZE_BYTES = 2 ** 30;

/** A string that matches a pattern, with one message for everything else. */
export function text(pattern: RegExp, message: ReturnType<typeof must>) {
  return z.string(message).check(z.regex(pattern, message));
}

/** A duration as text, which becomes milliseconds. */
export function duration(minMs: 0 | 1 = 0) {
  const tooLong = must(`be at most ${Math.floor(MAX_DURATION_MS / 3_600_000)}h`);
  return z.pipe(
    text(DURATION_PATTERN, must('be a duration such as 250ms, 30s, 5m or 1h')).check(
      z.refine((value) => durationMs(value) <= MAX_DURATION_MS, tooLong),
      z.refine((value) => durationMs(value) >= minMs, must(`be longer than ${formatDuration(0)}`)),
    ),
    z.transform(durationMs),
  );
}

const WRONG_SIZE = must('be a size such as 64Ki, 1Mi or 1048576');

/** A size as text or as a number of bytes, which becomes bytes. */
export const size = z.pipe(
  z.pipe(
    z.union([count(1, MAX_SIZE_BYTES), text(SIZE_PATTERN, WRONG_SIZE)], WRONG_SIZE),
    z.transform((value) => sizeBytes(String(value))),
  ),
  count(1, MAX_SIZE_BYTES),
);

/** An absolute path and not a URL, which loses trailing, doubled and `.` parts. */
export const absolutePath = z.pipe(
  text(
    /^\/(?!\/*$)(?!(?:[^/]*\/)*\.\.(?:\/|$))\P{Cc}+$/u,
    must('be an absolute path without ".." parts'),
  ).check(z.refine((path) => !path.includes(':/'), must('be a path, not a URL'))),
  z.transform((path) => posix.resolve(path)),
);

/** A path inside the snapshot; `.` is the top. The kubelet owns names that start with two dots. */
export const insidePath = z.pipe(
  text(
    /^(?!\/)(?!(?:[^/]*\/)*\.\.)\P{Cc}+$/u,
    must('be a relative path without parts that start with ".."'),
  ),
  z.transform((path) => posix.normalize(path).replace(/(?<=.)\/$/, '')),
);

/** A glob or a path inside the snapshot. */
export const glob = text(
  /^[^/]/,
  must('be a path or a glob inside the snapshot, without leading "/"'),
);

/** Any text that is not empty. */
export const someText = text(/./, must('be text that is not empty'));

/** An http or https URL, or a Unix socket. It may contain a password, so no message shows it (P8). */
export const requestUrl = text(
  /^(?:https?:\/\/|unix:\/)/,
  mustHidden('be a URL with http:// or https://, or unix:/path/to.sock:/request/path'),
).check(
  z.refine(
    (url) =>
      /^unix:\/[^:]+(?::\/.*)?$/.test(url) || (!url.startsWith('unix:') && URL.canParse(url)),
    mustHidden('be a valid URL'),
  ),
);

/** The base name of an executable. */
export const processName = text(/^[^/\0]+$/, must('be a name without "/"'));

const WRONG_PATTERN = must('be a valid regular expression');

/** A regular expression in the syntax of JavaScript. */
export const pattern = someText.check(z.refine(isPattern, WRONG_PATTERN));

/** A regular expression, or an empty text, which matches anything. */
export const patternOrNothing = z.string().check(z.refine(isPattern, WRONG_PATTERN));

function isPattern(source: string): boolean {
  return tryTo(() => new RegExp(source, 'u')) !== undefined;
}

/** `name`, or `name{label="value",…}`. Source: Prometheus text exposition format. */
export const metricQuery = text(
  /^[a-zA-Z_:][a-zA-Z0-9_:]*(?:\{ *(?:[a-zA-Z_]\w* *= *"(?:[^"\\\n]|\\[\\"n])*" *(?:, *|(?=\})))*\})?$/,
  must('be the name of a metric, such as name or name{label="value"}'),
);

/** A dotted path into a JSON body. */
export const dottedPath = text(
  /^[^.]+(\.[^.]+)*$/,
  must('be a dotted path such as config.version'),
);

/** A program and its arguments. */
export const command = z.pipe(
  listOf(someText, 1),
  z.transform(([program = '', ...args]): [string, ...string[]] => [program, ...args]),
);

/** A list with a bound; `atLeast` 1 for one that must not be empty. */
export function listOf<Entry extends z.ZodMiniType>(entry: Entry, atLeast: 0 | 1 = 0) {
  return z.array(entry).check(z.minLength(atLeast), z.maxLength(MAX_ENTRIES));
}

/** A whole number from `min` to `max`. */
export function count(min: number, max: number) {
  return z.int().check(z.minimum(min), z.maximum(max));
}
