import { percentDecode } from '@lastgood/core/model/percent-decode.ts';
import type { SnapshotFile, Version } from '@lastgood/core/model/snapshot.ts';
import type { Settings } from '../settings/settings.ts';
import type { Env } from '../steps/expand/expand.ts';

/** A shorter value may be part of any word, and protects nothing. */
const MIN_LENGTH = 4;

/** Shorter values are only found as whole words: `admin`, but not in `administrator`. */
const MIN_LENGTH_INSIDE_WORDS = 8;

/** A larger file is hardly a value that an app quotes. */
const MAX_FILE_BYTES = 64 * 1024;

/** Of one bundle: the new version, the one that the app runs on, and the one before. */
const MAX_SNAPSHOTS = 3;

const MAX_CREDENTIALS = 1_000;

/** Words that are values of many keys, and so say nothing; small numbers, such as ports. */
const COMMON = /^(?:true|false|null|none|auto|info|warn|error|debug|https?|json|yaml|\d{1,5})$/i;

const HIDDEN = 'xxxxx';

/** A text that was cut to fit ends with it, perhaps in the middle of a secret. */
const CUT = '…';

interface KnownVersion {
  readonly version: Version;
  readonly values: () => readonly string[];
}

/**
 * The secrets that lastgood has read: secret files of any bundle, and credentials of its requests. An app
 * or a command of another bundle may quote them, so `scrub` removes them from its words (P8).
 */
export class KnownSecrets {
  readonly #snapshots = new Map<string, readonly KnownVersion[]>();
  readonly #credentials = new Set<string>();

  /** Remembers the secret files of a version for as long as the app of its bundle may know them. */
  addFiles(bundle: string, version: Version, files: readonly SnapshotFile[]): void {
    const before = this.#snapshots.get(bundle) ?? [];
    if (before[0]?.version === version) return;
    const secret = files.filter(({ bytes }) => bytes.length > 0 && bytes.length <= MAX_FILE_BYTES);
    if (secret.length === 0) return;
    let values: readonly string[] | undefined;
    // Only few rollouts have words from outside.
    const read = () => (values ??= secret.flatMap(({ bytes }) => valuesIn(bytes.toString('utf8'))));
    const older = before.filter((each) => each.version !== version);
    const kept = [{ version, values: read }, ...older].slice(0, MAX_SNAPSHOTS);
    this.#snapshots.set(bundle, kept);
  }

  addCredential(value: string): void {
    if (this.#credentials.size < MAX_CREDENTIALS) this.#credentials.add(value.trim());
  }

  /** The text with `xxxxx` for each known secret, also in base64, percent-encoded or escaped. */
  scrub(text: string): string {
    if (this.#snapshots.size === 0 && this.#credentials.size === 0) return text;
    const read = [...this.#snapshots.values()].flat().flatMap(({ values }) => values());
    const secrets = [...new Set([...this.#credentials, ...read])]
      .filter((value) => value.length >= MIN_LENGTH && !COMMON.test(value))
      // The longest first: another one may be a part of it.
      .sort((a, b) => b.length - a.length);
    return secrets.reduce(scrubOne, text);
  }
}

/** Variables whose values `expand` may write into a file, and that are hardly public. */
const SECRET_VARIABLE = /PASS|SECRET|TOKEN|KEY|CREDENTIAL|AUTH|DSN/i;

/** A register of the secrets in the settings themselves and in the environment. */
export async function collectSecrets(settings: Settings, env: Env): Promise<KnownSecrets> {
  const secrets = new KnownSecrets();
  if (settings.bundles.some(({ expand }) => expand !== undefined))
    for (const [name, value = ''] of Object.entries(env))
      if (SECRET_VARIABLE.test(name)) secrets.addCredential(value);
  const urls = urlsIn(settings).filter((url) => /[@?#]/.test(url));
  if (urls.length === 0) return secrets;
  const { secretsInUrl } = await import('../io/http/webhook/redact-credentials.ts');
  for (const value of urls.flatMap(secretsInUrl)) secrets.addCredential(value);
  return secrets;
}

/** The values of every key `url`. */
function urlsIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, each]) =>
    key === 'url' && typeof each === 'string' ? [each] : urlsIn(each),
  );
}

function scrubOne(text: string, secret: string): string {
  if (secret.length < MIN_LENGTH_INSIDE_WORDS) return scrubWord(text, secret);
  return formsOf(secret).reduce(
    (rest, form) => scrubCut(rest.replaceAll(form, HIDDEN), form),
    text,
  );
}

/** Only where no letter or digit is beside it. */
function scrubWord(text: string, secret: string): string {
  if (!text.includes(secret)) return text;
  const escaped = RegExp.escape(secret);
  return text.replace(new RegExp(`(?<![\\p{L}\\p{N}])${escaped}(?![\\p{L}\\p{N}])`, 'gu'), HIDDEN);
}

/** The start of a secret at which a text was cut. */
function scrubCut(text: string, form: string): string {
  const end = text.indexOf(CUT);
  if (end < 0) return text;
  for (let length = Math.min(form.length - 1, end); length >= MIN_LENGTH; length -= 1)
    if (text.startsWith(form.slice(0, length), end - length))
      return `${text.slice(0, end - length)}${HIDDEN}${text.slice(end)}`;
  return text;
}

/** A secret as it is, and as programs encode it. */
function formsOf(secret: string): string[] {
  const encoded = [0, 1, 2].flatMap((offset) => base64At(secret, offset));
  const uri = encodeURIComponent(secret.toWellFormed());
  const forms = [
    secret,
    ...encoded,
    uri,
    uri.replaceAll('%20', '+'),
    JSON.stringify(secret).slice(1, -1),
  ];
  return [...new Set(forms)].filter((form) => form.length >= MIN_LENGTH_INSIDE_WORDS);
}

/** The base64 digits that do not depend on the text around it, in both alphabets. */
function base64At(secret: string, offset: number): string[] {
  const digits = Buffer.from(`${' '.repeat(offset)}${secret}`).toString('base64');
  const alone = digits.replace(/=+$/, '').slice(offset === 0 ? 0 : offset + 1);
  // The last digit also has bits of what follows.
  const own = (Buffer.byteLength(secret) + offset) % 3 === 0 ? alone : alone.slice(0, -1);
  return [own, own.replaceAll('+', '-').replaceAll('/', '_')];
}

/**
 * A text in quotes, and whether it is a key of JSON. One that is not closed ends with its line, so that no
 * quote is read twice.
 */
const QUOTED = /"((?:[^"\\\n\r]|\\.?)*)(?:"(\s*:)?|$)|'([^'\n\r]*)(?:'|$)/gm;

/** What follows the first `:` or `=` of a line. It matches any line that has one, in one pass. */
const AFTER_KEY = /^[^:=]*[:=]\s*(.*?),?$/s;

/** The password of a URL. */
const PASSWORD = /:\/\/[^/\s:@]*:([^/\s@]+)@/g;

/**
 * The values in a secret file: all of it, each line, what follows the first `:` or `=` of a line, and what
 * is in quotes. Not the keys, which other bundles may have too. A guess by text, as the file may be broken.
 */
function valuesIn(text: string): string[] {
  const whole = text.trim();
  const lines = whole.split(/\r\n|\n|\r/).map((line) => line.trim());
  if (lines.length === 1 && !/[:="'\s]/.test(whole)) return [whole];
  const values = lines.flatMap((line) => {
    const [, value] = AFTER_KEY.exec(line) ?? [];
    return [line, unquote(line), unquote(value ?? '')];
  });
  const quoted = [...whole.matchAll(QUOTED)].map(([, double, key, single]) =>
    key === undefined ? (double ?? single ?? '') : '',
  );
  const passwords = [...whole.matchAll(PASSWORD)].map(([, password = '']) => password);
  const found = [...values, ...quoted, ...passwords, ...passwords.map(percentDecode)];
  // Short ones in a larger file are most likely modes, names and numbers.
  return [whole, ...found.filter((value) => value.length >= MIN_LENGTH_INSIDE_WORDS)];
}

/** Also where the other quote is on another line. */
function unquote(text: string): string {
  return text.replace(/^["']|["']$/g, '');
}
