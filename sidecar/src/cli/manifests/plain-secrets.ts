import type { Pointer } from '@lastgood/core/model/pointer.ts';
import { quote } from '@lastgood/core/model/quote.ts';
import { placeholderIn } from '../../checks/secret-lint/placeholder.ts';
import type { ConfigObject } from './config-object.ts';
import { itemsAt, type ManifestObject, textAt } from './objects.ts';
import type { Container, Pod } from './pods.ts';

/** A secret that is not in a Secret, so everyone who may read the object sees it. */
export interface PlainSecret {
  readonly object: ManifestObject;
  /** The place of the value. */
  readonly at: Pointer;
  /** What holds it. Never the value (P8). */
  readonly shown: string;
}

/** The secrets in variables, commands and ConfigMaps. */
export function plainSecretsIn(
  pods: readonly Pod[],
  configs: readonly ConfigObject[],
): readonly PlainSecret[] {
  return [
    ...pods
      .flatMap(({ containers }) => containers)
      .flatMap((each) => [...inVariables(each), ...inWords(each)]),
    ...configs.filter((config) => !config.secret).flatMap(inConfig),
  ];
}

/** Words that end the name of a secret, and not that of a file, a setting or the name of one. */
const NAMES =
  'password|passwd|passphrase|token|api[-_]?key|access[-_]?key|secret[-_]?key|private[-_]?key|client[-_]?secret';
const SECRET_NAME = new RegExp(`(?:^|[-_.])(?:${NAMES})$`, 'i');

/** A template, a path, a switch, a number, a duration or a token of a language model is not a secret. */
const NOT_SECRET =
  /^(?:\s*|@?\/.*|true|false|yes|no|on|off|enabled|disabled|none|null|\d+(?:\.\d+)?(?:[num]?s|[mhd])?|\[[A-Z_]+\]|<.*>|.*\{\{.*|.*\$[({A-Za-z_].*)$/is;

/** Where a tool finds the secret: bank-vaults, vals and 1Password. */
const REFERENCE = /^(?:vault:|ref\+[a-z0-9]+:\/\/|op:\/\/|arn:aws:)/;

/** The name of a secret in its place. */
const NAME = /(?:KEY|TOKEN|PASSWORD|SECRET)$/;

/** A longer value is a file. */
const MAX_LENGTH = 4096;

const PASSWORDS_IN_URLS = /:\/\/[^\s/:@]*:([^\s/@]+)@/g;
const PRIVATE_KEY = /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----/;

function isSecret(name: string, value: string): boolean {
  if (PRIVATE_KEY.test(value)) return true;
  if (value.length > MAX_LENGTH) return false;
  if (hasPasswordInUrl(value)) return true;
  // `API_KEY_VAL` of a template is a placeholder.
  return SECRET_NAME.test(name) && isValue(value) && !value.includes(name);
}

function hasPasswordInUrl(text: string): boolean {
  return [...text.matchAll(PASSWORDS_IN_URLS)].some(([, password = '']) => isValue(password));
}

function isValue(text: string): boolean {
  return (
    ![NOT_SECRET, REFERENCE, NAME].some((each) => each.test(text)) &&
    placeholderIn(text, true) === undefined
  );
}

const CREDENTIALS = [
  // As in `?token=…`, `PGPASSWORD=…`, `X-Api-Key: …` and `"password":"…"`.
  new RegExp(`(?:${NAMES})\\\\?["']?[=:] *\\\\?["']?([^\\s"'\\\\&;,{}[\\]]+)`, 'gi'),
  // As in `{"name":"API_TOKEN","value":"…"}`.
  new RegExp(
    `(?:${NAMES})\\\\?["']?, *\\\\?["']?value\\\\?["']?: *\\\\?["']?([^\\s"'\\\\,}]+)`,
    'gi',
  ),
  /[?&][\w.-]{0,40}(?:key|sig|auth|pass|pwd|secret|code)[\w.-]{0,40}=([^\s"'&#]+)/gi,
  /\b(?:basic|bearer) +([^\s"']{6,})/gi,
  /\s(?:-u|--user)[ =]["']?[^\s:"']+:([^\s"']+)/g,
];

/** Whether a line of text may hold a credential. Guesses more than {@link plainSecretsIn} reports. */
export function mayHoldCredential(line: string): boolean {
  return (
    hasPasswordInUrl(line) ||
    CREDENTIALS.some((each) => [...line.matchAll(each)].some(([, value = '']) => isValue(value)))
  );
}

function inVariables({ pod, name, at }: Container): PlainSecret[] {
  const root = pod.object.value;
  return itemsAt(root, [...at, 'env']).flatMap(({ value, pointer }) => {
    const variable = textAt(value, ['name']) ?? '';
    if (!isSecret(variable, textAt(value, ['value']) ?? '')) return [];
    const shown = `the variable ${quote(variable)} of the container ${quote(name)}`;
    return [{ object: pod.object, at: [...pointer, 'value'], shown }];
  });
}

function inWords({ pod, name, words }: Container): PlainSecret[] {
  return words.flatMap(({ text, at }, index) => {
    const [, flag, joined] = /^--?([\w.-]+)=(.*)$/s.exec(text) ?? [];
    const previous = /^--([\w.-]+)$/.exec(words[index - 1]?.text ?? '')?.[1];
    if (!isSecret(flag ?? previous ?? '', joined ?? text)) return [];
    const of = flag ?? previous;
    const what = of === undefined ? 'an argument' : `the flag --${of}`;
    return [{ object: pod.object, at, shown: `${what} of the container ${quote(name)}` }];
  });
}

function inConfig({ object, files }: ConfigObject): PlainSecret[] {
  return files.flatMap(({ file: { path, bytes } }) => {
    if (!isSecret(path, bytes.toString('utf8'))) return [];
    return [{ object, at: ['data', path], shown: `the key ${quote(path)}` }];
  });
}
