/** Decompresses gzip and replaces `$(NAME)` in a file with the values of environment variables. */

import { setImmediate } from 'node:timers/promises';
import { promisify } from 'node:util';

/** The variables of the environment. */
export type Env = Readonly<Record<string, string | undefined>>;

export type Expansion =
  | {
      readonly ok: true;
      readonly bytes: Buffer;
      /** Names of variables that are not set, each once, in the order of the text. */
      readonly unset: readonly string[];
      /** The bytes contain a value of the environment, which may be a secret. */
      readonly hasValues: boolean;
    }
  | { readonly ok: false; readonly why: 'gzip' | 'too-large' };

/** The first bytes of gzip with its only compression method. Source: RFC 1952, 2.3.1. */
const GZIP = Buffer.from([0x1f, 0x8b, 0x08]);

/** `$(NAME)`. Source: Thanos pkg/reloader, which does not support the `$$(NAME)` of the kubelet. */
const REFERENCE = /\$\(([a-zA-Z_0-9]+)\)/g;

/**
 * Expands bytes, to at most `maxSizeBytes`: a few kilobytes of gzip can expand to gigabytes, and so can a
 * few references. A reference to a variable that is not set stays, and one that is set to nothing becomes
 * nothing. References in values are not expanded. Never rejects.
 */
export async function expand(packed: Buffer, env: Env, maxSizeBytes: number): Promise<Expansion> {
  const isGzip = packed.subarray(0, GZIP.length).equals(GZIP);
  const plain = isGzip ? await decompress(packed, maxSizeBytes) : packed;
  if (typeof plain === 'string') return { ok: false, why: plain };
  const measured = await measure(plain, env, maxSizeBytes);
  if (measured === undefined) return { ok: false, why: 'too-large' };
  const { sizeBytes, unset, hasValues } = measured;
  const bytes = hasValues ? await substitute(plain, env, sizeBytes) : plain;
  return { ok: true, bytes, unset, hasValues };
}

async function decompress(bytes: Buffer, maxOutputLength: number) {
  const { gunzip } = await import('node:zlib');
  return promisify(gunzip)(bytes, { maxOutputLength }).catch((error): 'gzip' | 'too-large' =>
    error.code === 'ERR_BUFFER_TOO_LARGE' ? 'too-large' : 'gzip',
  );
}

/** A reference in the bytes, and its value; undefined if its variable is not set. */
interface Reference {
  readonly start: number;
  readonly end: number;
  readonly name: string;
  readonly value: string | undefined;
}

/** How many references to handle before probes get a turn. */
const TURN = 10_000;

/**
 * The references, some at a time: there may be hundreds of thousands. Works on bytes: the rest of the file
 * may have any encoding, or none.
 */
async function* referencesIn(bytes: Buffer, env: Env): AsyncGenerator<readonly Reference[]> {
  let turn: Reference[] = [];
  // Latin-1 has one character a byte, so an index is an offset.
  for (const match of bytes.toString('latin1').matchAll(REFERENCE)) {
    const [{ length }, name = ''] = match;
    const { index: start } = match;
    turn.push({ start, end: start + length, name, value: lookUp(env, name) });
    if (turn.length < TURN) continue;
    yield turn;
    turn = [];
    await setImmediate();
  }
  yield turn;
}

/** More names of variables would not help anyone. */
const MAX_UNSET = 100;

/** The size of the expansion, counted before there is any; undefined as soon as it is too large. */
async function measure(bytes: Buffer, env: Env, maxSizeBytes: number) {
  const unset = new Set<string>();
  let from = 0;
  let sizeBytes = 0;
  let hasValues = false;
  for await (const references of referencesIn(bytes, env))
    for (const { start, end, name, value } of references) {
      if (value !== undefined) {
        hasValues = true;
        sizeBytes += start - from + Buffer.byteLength(value);
        from = end;
      } else if (unset.size < MAX_UNSET) unset.add(name);
      if (sizeBytes > maxSizeBytes) return undefined;
    }
  sizeBytes += bytes.length - from;
  return sizeBytes > maxSizeBytes ? undefined : { sizeBytes, unset: [...unset], hasValues };
}

async function substitute(bytes: Buffer, env: Env, sizeBytes: number): Promise<Buffer> {
  const expanded = Buffer.alloc(sizeBytes);
  let from = 0;
  let to = 0;
  for await (const references of referencesIn(bytes, env))
    for (const { start, end, value } of references) {
      if (value === undefined) continue;
      to += bytes.copy(expanded, to, from, start);
      to += expanded.write(value, to);
      from = end;
    }
  bytes.copy(expanded, to, from);
  return expanded;
}

function lookUp(env: Env, name: string): string | undefined {
  return Object.hasOwn(env, name) ? env[name] : undefined;
}

/** The name for the number of a StatefulSet's pod. Source: prometheus-operator. */
const ORDINAL = 'STATEFULSET_ORDINAL_NUMBER';

/** Adds the number at the end of a variable's value to the environment; empty if it has none. */
export function withOrdinal(env: Env, from: string | undefined): Env {
  if (from === undefined) return env;
  return { ...env, [ORDINAL]: /\d+$/.exec(env[from] ?? '')?.[0] ?? '' };
}

/** Counts the references of an expanded text to variables that are not set. */
export function countUnset(expanded: Buffer, env: Env): number {
  let count = 0;
  // One at a time: there may be hundreds of thousands.
  for (const [, name = ''] of expanded.toString('latin1').matchAll(REFERENCE))
    if (lookUp(env, name) === undefined) count += 1;
  return count;
}
