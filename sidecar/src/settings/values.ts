import { constants } from 'node:os';
import { posix } from 'node:path';
import {
  DURATION_PATTERN,
  durationMs,
  formatDuration,
  MAX_DURATION_MS,
  SIZE_PATTERN,
  sizeBytes,
} from '@lastgood/core/model/units.ts';
import * as z from 'zod/mini';
import { must, mustUnseen } from './wording.ts';

/** The kinds of values that keys of `lastgood.yaml` have, each with its check and its message. */

/** No list of the settings is longer. */
const MAX_ENTRIES = 100;
/** More than etcd gives to any object, and what a sidecar may still hold in memory. */
const MAX_SIZE_BYTES = 2 ** 30;

/** A text of this pattern, with one message for whatever else stands there. */
function text(pattern: RegExp, { error }: ReturnType<typeof must>) {
  return z.string({ error }).check(z.regex(pattern, { error, abort: true }));
}

/** A duration as text; milliseconds once read. */
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

/** A size as text, or as a number of bytes; bytes once read. */
export const size = z.pipe(
  z.pipe(
    z.union([count(1, MAX_SIZE_BYTES), text(SIZE_PATTERN, WRONG_SIZE)], WRONG_SIZE),
    z.transform((value) => sizeBytes(String(value))),
  ),
  z.number().check(z.minimum(1), z.maximum(MAX_SIZE_BYTES)),
);

/** An absolute path; without trailing, doubled and `.` parts once read. */
export const absolutePath = z.pipe(
  text(
    /^\/(?!\/*$)(?!(?:[^/]*\/)*\.\.(?:\/|$))\P{Cc}+$/u,
    must('be an absolute path without ".." parts'),
  ),
  z.transform((path) => posix.resolve(path)),
);

/** A directory inside the snapshot; `.` is the top. The kubelet's layout owns names with two dots. */
export const insidePath = z.pipe(
  text(
    /^(?!\/)(?!(?:[^/]*\/)*\.\.)\P{Cc}+$/u,
    must('be a relative path without parts that start with ".."'),
  ),
  z.transform((path) => posix.normalize(path).replace(/(?<=.)\/$/, '')),
);

/** Globs and paths inside the snapshot. */
export const glob = text(
  /^[^/]/,
  must('be a path or a glob inside the snapshot, without leading "/"'),
);

/** Any text that is not empty. */
export const someText = text(/./, must('be text that is not empty'));

/** A longer rule is a program, and belongs into a schema module or an exec check. */
const MAX_RULE_LENGTH = 4096;

/** The text of a CEL rule; whether it is one is seen when it is compiled. */
export const celRule = someText.check(
  z.maxLength(MAX_RULE_LENGTH, mustUnseen(`be at most ${MAX_RULE_LENGTH} characters long`)),
);

const UNIX_URL = /^unix:\/[^:]+(?::\/.*)?$/;

/** An http or https URL, or a Unix socket. It may hold a password, so no message shows it (P8). */
export const requestUrl = text(
  /^(?:https?:\/\/|unix:\/)/,
  mustUnseen('be a URL with http:// or https://, or unix:/path/to.sock:/request/path'),
).check(
  z.refine(
    (url) => UNIX_URL.test(url) || (!url.startsWith('unix:') && URL.canParse(url)),
    mustUnseen('be a URL; this one cannot be parsed'),
  ),
);

const OWN_HEADERS =
  /^(?:host|content-length|connection|transfer-encoding|authorization|lastgood-.*)$/i;

/** A header that lastgood makes itself cannot be set. Source: RFC 9110, section 5.1 (token). */
export const headerName = text(
  /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/,
  must('be the name of a header'),
).check(
  z.refine((name) => !OWN_HEADERS.test(name), must('be a header that lastgood does not set')),
);

/** It may be a token, so no message shows it (P8). Source: RFC 9110, section 5.5. */
export const headerValue = text(
  /^[\t\x20-\x7e\x80-\xff]*$/,
  mustUnseen('be the text of a header, on one line'),
);

/** The name of an environment variable. */
export const variableName = text(
  /^[a-zA-Z_][a-zA-Z0-9_]*$/,
  must('be the name of an environment variable'),
);

/** The base name of an executable. */
export const processName = text(/^[^/\0]+$/, must('be a name without "/"'));

const WRONG_PATTERN = must('be a regular expression; this one cannot be read');

/** A regular expression of JavaScript's. */
export const pattern = someText.check(z.refine(isPattern, WRONG_PATTERN));

/** A regular expression, or an empty text, which matches anything. */
export const patternOrNothing = z.string().check(z.refine(isPattern, WRONG_PATTERN));

function isPattern(source: string): boolean {
  try {
    new RegExp(source, 'u');
    return true;
  } catch {
    return false;
  }
}

/** `HUP`, `SIGHUP` or a number; always a name or a number of this system once read. */
export const signalName = z.pipe(
  z
    .union([count(1, 64), z.string()], must('be a signal such as SIGHUP, or a number from 1 to 64'))
    .check(
      z.refine(
        (signal) => typeof signal === 'number' || signalOf(signal) !== undefined,
        must('be a signal such as SIGHUP, or a number from 1 to 64'),
      ),
    ),
  z.transform((signal) => (typeof signal === 'number' ? signal : (signalOf(signal) ?? 'SIGHUP'))),
);

function signalOf(name: string): NodeJS.Signals | undefined {
  const full = name.startsWith('SIG') ? name : `SIG${name}`;
  return Object.hasOwn(constants.signals, full) ? (full as NodeJS.Signals) : undefined;
}

/** What a command ends with, 0 aside: that always means yes. */
export const exitCode = count(1, 255);

/** `name`, or `name{label="value",…}`. Source: Prometheus text exposition format. */
export const metricQuery = text(
  /^[a-zA-Z_:][a-zA-Z0-9_:]*(?:\{ *(?:[a-zA-Z_]\w* *= *"(?:[^"\\\n]|\\[\\"n])*" *(?:, *|(?=\})))*\})?$/,
  must('be the name of a metric, such as name or name{label="value"}'),
);

/** An absolute path, or `none`, which is undefined once read. */
export const stateDirectory = z.pipe(
  z.union(
    [z.literal('none'), absolutePath],
    must('be an absolute path without ".." parts, or none'),
  ),
  z.transform((path) => (path === 'none' ? undefined : path)),
);

/** A DNS label: it stands in metrics' labels, headers and file names. */
export const bundleName = text(
  /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/,
  must('be at most 63 lower-case letters, digits and "-", not at either end'),
);

/** A dotted path into a JSON body. */
export const dottedPath = text(
  /^[^.]+(\.[^.]+)*$/,
  must('be a dotted path such as config.version'),
);

const LISTEN_PATTERN = /^(?:\[([0-9a-fA-F:.]+)\]|([^\s:/[\]]*)):([0-9]{1,5})$/;
const WRONG_LISTEN = must('be "host:port", "[IPv6]:port", ":port" or none');

/** `host:port`, an empty host is every interface; or `none`, which is undefined once read. */
export const listenAddress = z.pipe(
  z.union(
    [
      z.literal('none'),
      text(LISTEN_PATTERN, WRONG_LISTEN).check(
        z.refine(
          (address) => listenOf(address).port <= 65535,
          must('have a port of at most 65535'),
        ),
      ),
    ],
    WRONG_LISTEN,
  ),
  z.transform((address) => (address === 'none' ? undefined : listenOf(address))),
);

function listenOf(address: string): { host: string; port: number } {
  const [, ipv6, name, port] = LISTEN_PATTERN.exec(address) ?? [];
  return { host: ipv6 ?? name ?? '', port: Number(port) };
}

/** One HTTP status code, or a class of them. */
const statusMatch = z.union(
  [z.int().check(z.minimum(100), z.maximum(599)), z.enum(['1xx', '2xx', '3xx', '4xx', '5xx'])],
  must('be a status code such as 204, or a class such as "2xx"'),
);

export const statusList = z.array(statusMatch).check(z.maxLength(MAX_ENTRIES));

/** A list with a bound; `atLeast` 1 for one that must not be empty. */
export function listOf<Entry extends z.ZodMiniType>(entry: Entry, atLeast: 0 | 1 = 0) {
  return z.array(entry).check(z.minLength(atLeast), z.maxLength(MAX_ENTRIES));
}

/** A whole number from `min` to `max`. */
export function count(min: number, max: number) {
  return z.int().check(z.minimum(min), z.maximum(max));
}
