/** Undoes gzip and puts the values of environment variables into a file, as text and nothing more. */

export type Env = Readonly<Record<string, string | undefined>>;

export interface ExpandLimits {
  /** No more is unpacked: a few kilobytes of gzip can stand for gigabytes. */
  readonly maxSizeBytes: number;
}

export type Expansion =
  | {
      readonly ok: true;
      readonly bytes: Buffer;
      /** Names of variables that are not set, each once, in the order of the text. */
      readonly unset: readonly string[];
      /** Some value of the environment is in the bytes now, and may be a secret. */
      readonly holdsValues: boolean;
    }
  | { readonly ok: false; readonly why: 'gzip' | 'too-large' };

/**
 * What the first bytes of gzip with the only method that there is are. Source: RFC 1952, 2.3.1; the
 * third byte is the method.
 */
const GZIP = Buffer.from([0x1f, 0x8b, 0x08]);

/** `$(NAME)`. Source: Thanos pkg/reloader, which does not know `$$(NAME)` as the kubelet does. */
const REFERENCE = /\$\(([a-zA-Z_0-9]+)\)/g;

/**
 * Expands bytes. A variable that is not set stays as it stands; one that is set to nothing becomes
 * nothing. What comes in by a value is not expanded again. Never rejects.
 */
export async function expand(
  packed: Buffer,
  env: Env,
  { maxSizeBytes }: ExpandLimits,
): Promise<Expansion> {
  const plain = isGzip(packed) ? await unpacked(packed, maxSizeBytes) : packed;
  if (typeof plain === 'string') return { ok: false, why: plain };
  const { pieces, unset, holdsValues } = substituted(plain, env);
  const bytes = holdsValues ? Buffer.concat(pieces) : plain;
  if (bytes.length > maxSizeBytes) return { ok: false, why: 'too-large' };
  return { ok: true, bytes, unset, holdsValues };
}

function isGzip(bytes: Buffer): boolean {
  return bytes.subarray(0, GZIP.length).equals(GZIP);
}

async function unpacked(
  bytes: Buffer,
  maxOutputLength: number,
): Promise<Buffer | 'gzip' | 'too-large'> {
  const { gunzip } = await import('node:zlib');
  return new Promise((resolve) => {
    gunzip(bytes, { maxOutputLength }, (error, plain) => {
      if (error === null) resolve(plain);
      else
        resolve(
          (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE' ? 'too-large' : 'gzip',
        );
    });
  });
}

/** Byte for byte: the rest of the file may be in any encoding, or none. */
function substituted(bytes: Buffer, env: Env) {
  const unset = new Set<string>();
  const pieces: Buffer[] = [];
  let holdsValues = false;
  let from = 0;
  // Each byte is one character of it, so that an index is an offset.
  for (const match of bytes.toString('latin1').matchAll(REFERENCE)) {
    const [{ length }, name = ''] = match;
    const value = Object.hasOwn(env, name) ? env[name] : undefined;
    if (value === undefined) {
      unset.add(name);
      continue;
    }
    pieces.push(bytes.subarray(from, match.index), Buffer.from(value));
    from = match.index + length;
    holdsValues = true;
  }
  pieces.push(bytes.subarray(from));
  return { pieces, unset: [...unset], holdsValues };
}

/** What the number of a StatefulSet's pod is called in a file. Source: prometheus-operator. */
const ORDINAL = 'STATEFULSET_ORDINAL_NUMBER';

/** The environment with the number at the end of a variable's value beside it; nothing if it has none. */
export function withOrdinal(env: Env, from: string | undefined): Env {
  if (from === undefined) return env;
  return { ...env, [ORDINAL]: /\d+$/.exec(env[from] ?? '')?.[0] ?? '' };
}

/** How many references of a text that was expanded are left: those to variables that are not set. */
export function countUnset(expanded: Buffer, env: Env): number {
  let count = 0;
  for (const [, name = ''] of expanded.toString('latin1').matchAll(REFERENCE))
    if (!Object.hasOwn(env, name) || env[name] === undefined) count += 1;
  return count;
}
