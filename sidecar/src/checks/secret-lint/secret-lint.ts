import { isUtf8 } from 'node:buffer';
import { basename } from 'node:path/posix';
import { createLines } from '@lastgood/core/formats/lines.ts';
import type { Finding } from '@lastgood/core/model/finding.ts';
import { type Issue, locateIssues } from '@lastgood/core/model/issue.ts';
import type { SnapshotFile } from '@lastgood/core/model/snapshot.ts';
import { tryTo } from '@lastgood/core/model/try-to.ts';
import { isEncodedTwice } from './encoded.ts';
import { placeholderIn } from './placeholder.ts';

/** A longer file is not a password, token or URL. Bounds the work of every pattern. */
const MAX_VALUE_BYTES = 16 * 1024;

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

/** `base64` breaks its lines at 76 characters, and `openssl base64` at 64. */
const WRAPPED =
  /^(?:[A-Za-z0-9+/]{64}\r?\n)+[A-Za-z0-9+/=]{1,64}$|^(?:[A-Za-z0-9+/]{76}\r?\n)+[A-Za-z0-9+/=]{1,76}$/;

/**
 * Finds probable mistakes in a file with a single value, such as those of a Secret: any value parses,
 * and a wrong one fails only when it is used. No message shows any of the value (P8). Never throws.
 *
 * @param severity - of the findings; Windows line ends in PEM are always a warning
 */
export function lintSecrets(file: SnapshotFile, severity: Finding['severity']): readonly Finding[] {
  const text = isUtf8(file.bytes) ? file.bytes.toString('utf8') : undefined;
  const positionOf = createLines(text ?? '');
  const issues = issuesIn(file, text).map((each) => ({ severity, ...each }));
  return locateIssues(issues, file, (offset) => {
    const { line, column } = positionOf(offset);
    // At the end of a secret, the column would be its length.
    return file.secret && offset > 0 ? { line } : { line, column };
  });
}

function issue(message: string, at = 0): Issue {
  return { code: 'LG_VALIDATE_SECRET', args: [message], at };
}

/** Without a text it may be a binary key, whose bytes may be anything. */
function issuesIn(file: SnapshotFile, text: string | undefined): readonly Issue[] {
  if (text === undefined)
    return isUtf16(file.bytes)
      ? [issue('is UTF-16, as PowerShell writes it; save it as UTF-8')]
      : [];
  if (text.startsWith('\uFEFF')) {
    const message =
      'starts with a byte order mark, which is part of the value; save it as UTF-8 without BOM';
    return [issue(message)];
  }
  if (/[^\P{Cc}\t\r\n]/u.test(text)) return [];
  if (/^\s*-----BEGIN /.test(text)) {
    const at = text.indexOf('\r\n');
    const message = 'has Windows line ends; save it with Unix line ends';
    return at === -1 ? [] : [{ ...issue(message, at), severity: 'warning' }];
  }
  return isOneValue(file, text) ? lintValue(file, text) : [];
}

function lintValue({ path, secret }: SnapshotFile, text: string): readonly Issue[] {
  const value = text.trim();
  // A setting may be empty on purpose; a secret is not.
  if (value === '') return secret ? [issue(text === '' ? 'is empty' : 'has only white space')] : [];
  const issues: Issue[] = [];
  const at = text.indexOf(value);
  const endsAt = at + value.length;
  if (at > 0) issues.push(issue('begins with white space, which is part of the value; remove it'));
  if (endsAt < text.length) issues.push(issue(wordingOfEnd(text.slice(endsAt)), endsAt));
  const inner = /^(["'])(.*)\1$/s.exec(value)?.[2];
  if (inner !== undefined)
    issues.push(issue('is in quotes, which are part of the value; write it without them', at));
  const placeholder = placeholderIn(inner ?? value, secret);
  const twice =
    'is encoded in base64 twice; encode it once for data, and not at all for stringData';
  if (placeholder !== undefined) issues.push(issue(placeholder, at));
  else if (isEncodedTwice(path, inner ?? value)) issues.push(issue(twice, at));
  return issues;
}

function wordingOfEnd(end: string): string {
  if (end.includes('\r')) return 'ends in a Windows line end; write it with printf or echo -n';
  if (end.includes('\n')) return 'ends in a line break; write it with printf or echo -n';
  return 'ends in white space, which is part of the value; remove it';
}

/** A binary key may begin with the same two bytes, but does not continue as plain text. */
function isUtf16(bytes: Buffer): boolean {
  if (bytes.length % 2 !== 0 || bytes.length > MAX_VALUE_BYTES) return false;
  const isText = (little: Buffer) => /^\uFEFF[\t\r\n -~]+$/.test(little.toString('utf16le'));
  return isText(bytes) || isText(Buffer.from(bytes).swap16());
}

/** Whether a file has a single value, and is not another kind of file by its name or its only line. */
function isOneValue({ path, secret, bytes }: SnapshotFile, text: string): boolean {
  const name = basename(path);
  if (bytes.length > MAX_VALUE_BYTES || name.startsWith('.') || CONFIGURATION.test(name))
    return false;
  // The manuals use `kubectl create secret --from-file=password.txt`.
  if (/\.txt$/i.test(name) && !secret) return false;
  const value = text.trim();
  if (isJson(value) || LINES_OF_FILES.some((line) => line.test(value))) return false;
  return !/[\r\n]/.test(value) || WRAPPED.test(value);
}

function isJson(value: string): boolean {
  return /^[{[]/.test(value) && tryTo(() => JSON.parse(value)) !== undefined;
}
