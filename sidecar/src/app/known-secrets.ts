import type { Clock } from '@lastgood/core/model/clock.ts';
import { percentDecode } from '@lastgood/core/model/percent-decode.ts';
import type { SnapshotFile, Version } from '@lastgood/core/model/snapshot.ts';
import type { Settings } from '../settings/settings.ts';
import type { Env } from '../steps/expand/expand.ts';
import { createScrub, MIN_LENGTH_INSIDE_WORDS } from './secret-index.ts';

/** A larger file is hardly a value that an app quotes. */
const MAX_FILE_BYTES = 64 * 1024;

/** Of one bundle: the new version, the one that the app runs on, and the one before. */
const MAX_SNAPSHOTS = 3;

/** A volume that hangs must not hold back the rollouts of other bundles for longer. */
const MAX_WAIT_MS = 5_000;

const MAX_CREDENTIALS = 1_000;

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
  /** Made only when there is a text: few rollouts have words from outside. */
  #scrub: ((text: string) => string) | undefined;
  /** Bundles with secret volumes that no capture has read yet. */
  readonly #unread: Set<string>;
  /** Those of them whose first capture has not ended. */
  readonly #untried: Set<string>;
  readonly #tried = Promise.withResolvers<void>();

  /** @param bundles - the names of those with secret volumes */
  constructor(bundles: Iterable<string> = []) {
    this.#unread = new Set(bundles);
    this.#untried = new Set(this.#unread);
  }

  /** Whether every secret volume was read at least once. */
  get isComplete(): boolean {
    return this.#unread.size === 0;
  }

  /** A capture of a bundle has ended. */
  noteCapture(bundle: string, isRead: boolean): void {
    if (isRead) this.#unread.delete(bundle);
    this.#untried.delete(bundle);
    if (this.#untried.size === 0) this.#tried.resolve();
  }

  /** Waits at the start until the first capture of each secret volume ends, or takes too long. */
  async waitForCaptures(clock: Clock): Promise<void> {
    if (this.#untried.size === 0) return;
    const timeout = new AbortController();
    const late = clock.sleep(MAX_WAIT_MS, timeout.signal).catch(() => {});
    await Promise.race([this.#tried.promise, late]);
    timeout.abort();
    this.#untried.clear();
  }

  /** Remembers the secret files of a version for as long as the app of its bundle may know them. */
  addFiles(bundle: string, version: Version, files: readonly SnapshotFile[]): void {
    const before = this.#snapshots.get(bundle) ?? [];
    if (before[0]?.version === version) return;
    const secret = files.filter(({ bytes }) => bytes.length > 0 && bytes.length <= MAX_FILE_BYTES);
    if (secret.length === 0) return;
    let values: readonly string[] | undefined;
    const read = () => (values ??= secret.flatMap(({ bytes }) => valuesIn(bytes.toString('utf8'))));
    const older = before.filter((each) => each.version !== version);
    const kept = [{ version, values: read }, ...older].slice(0, MAX_SNAPSHOTS);
    this.#snapshots.set(bundle, kept);
    this.#scrub = undefined;
  }

  addCredential(value: string): void {
    const credential = value.trim();
    if (this.#credentials.has(credential)) return;
    const [oldest = ''] = this.#credentials;
    if (this.#credentials.size === MAX_CREDENTIALS) this.#credentials.delete(oldest);
    this.#credentials.add(credential);
    this.#scrub = undefined;
  }

  /** The text with `xxxxx` for each known secret, also in base64, percent-encoded or escaped. */
  scrub(text: string): string {
    if (this.#snapshots.size === 0 && this.#credentials.size === 0) return text;
    this.#scrub ??= createScrub(this.#values());
    return this.#scrub(text);
  }

  *#values(): Generator<string> {
    yield* this.#credentials;
    for (const versions of this.#snapshots.values())
      for (const { values } of versions) yield* values();
  }
}

/** Variables whose values `expand` may write into a file, and that are hardly public. */
const SECRET_VARIABLE = /PASS|SECRET|TOKEN|KEY|CREDENTIAL|AUTH|DSN/i;

/** A register of the secrets in the settings themselves and in the environment. */
export async function collectSecrets(settings: Settings, env: Env): Promise<KnownSecrets> {
  const sealed = settings.bundles.filter(({ volumes }) => volumes.some(({ secret }) => secret));
  const secrets = new KnownSecrets(sealed.map(({ name }) => name));
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

/**
 * A text in quotes, and whether it is a key of JSON. One that is not closed ends with its line, so that no
 * quote is read twice.
 */
const QUOTED = /"((?:[^"\\\n\r]|\\.?)*)(?:"(\s*:)?|$)|'([^'\n\r]*)(?:'|$)/gm;

/** What follows the first `:` or `=` of a line. It matches any line that has one, in one pass. */
const AFTER_KEY = /^[^:=]*[:=]\s*(.*?),?$/s;

/** The password of a URL. */
const PASSWORD = /:\/\/[^/\s:@]*:([^/\s@]+)@/g;

/** The lines that begin and end a block of PEM are in no way secret, and messages quote them. */
const BOUNDARY = /^-----(?:BEGIN|END) [^-]+-----$/;
const FIRST_BOUNDARY = /^-----BEGIN [^-\r\n]+-----\s+/;

/**
 * The values in a secret file: all of it, each line, what follows the first `:` or `=` of a line, and what
 * is in quotes. Not the keys, which other bundles may have too. A guess by text, as the file may be broken.
 */
function valuesIn(text: string): string[] {
  const whole = text.trim().replace(FIRST_BOUNDARY, '');
  const lines = whole
    .split(/\r\n|\n|\r/)
    .map((line) => line.trim())
    .filter((line) => !BOUNDARY.test(line));
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
