import { isUtf8 } from 'node:buffer';
import { basename } from 'node:path/posix';
import type { SnapshotFile } from '@lastgood/core/model/snapshot.ts';

/** A longer file is not a password, token or URL. Bounds the work of every pattern. */
const MAX_VALUE_BYTES = 16 * 1024;

const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/** Files with more than one value, which may end in a line break. */
const CONFIGURATION =
  /\.(?:json[c5]?|ya?ml|toml|ini|con[fg]|cfg|cnf|config|env|properties|xml|html?|md|csv|sql|sh|py|[cm]?[jt]s|rb|lua|pem|crt|cer|pub|te?mpl|tpl|j2|hcl|rules|asc)$/i;

/** A line of another kind of file: an assignment, a user of htpasswd, a public SSH key. */
const LINES_OF_FILES = [
  /^(?:export )?[A-Za-z_]\w*=[^=]/,
  /^[^\s:]+:(?:\$(?:apr1|2[aby]|5|6|y)\$|\{SHA\})/,
  /(?:^|\s)(?:ssh-|ecdsa-sha2-|sk-)\S+ AAAA/,
  /^#!/,
  /^<\?xml/,
];

/** The text of a file's bytes; undefined if binary, not UTF-8, or with a byte order mark. */
export function textOf(bytes: Buffer): string | undefined {
  if (hasByteOrderMark(bytes) || !isUtf8(bytes)) return undefined;
  const text = bytes.toString('utf8');
  return /[^\P{Cc}\t\r\n]/u.test(text) ? undefined : text;
}

/** Whether it starts with the byte order mark of UTF-8. */
export function hasByteOrderMark(bytes: Buffer): boolean {
  return isUtf8(bytes) && bytes.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK);
}

/** A binary key may begin with the same two bytes, but does not continue as plain text. */
export function isUtf16(bytes: Buffer): boolean {
  if (bytes.length % 2 !== 0 || bytes.length > MAX_VALUE_BYTES) return false;
  const isText = (little: Buffer) => /^\uFEFF[\t\r\n -~]+$/.test(little.toString('utf16le'));
  return isText(bytes) || isText(Buffer.from(bytes).swap16());
}

export function isPem(text: string): boolean {
  return /^\s*-----BEGIN /.test(text);
}

/** Whether a file has a single value, and is not another kind of file by its name or its only line. */
export function isOneValue({ path, secret, bytes }: SnapshotFile, text: string): boolean {
  const name = basename(path);
  if (bytes.length > MAX_VALUE_BYTES || name.startsWith('.') || CONFIGURATION.test(name))
    return false;
  // The manuals use `kubectl create secret --from-file=password.txt`.
  if (/\.txt$/i.test(name) && !secret) return false;
  const value = text.trim();
  if (isJson(value) || LINES_OF_FILES.some((line) => line.test(value))) return false;
  return !/[\r\n]/.test(value) || isWrapped(value);
}

/** `base64` breaks its lines at 76 characters, and `openssl base64` at 64. */
function isWrapped(value: string): boolean {
  return /^(?:[A-Za-z0-9+/]{64}\r?\n)+[A-Za-z0-9+/=]{1,64}$|^(?:[A-Za-z0-9+/]{76}\r?\n)+[A-Za-z0-9+/=]{1,76}$/.test(
    value,
  );
}

function isJson(value: string): boolean {
  if (!/^[{[]/.test(value)) return false;
  try {
    JSON.parse(value);
    return true;
  } catch {
    return false;
  }
}
