import { credentialProblems } from './docker-credential.ts';
import { refused } from './document.ts';
import type { Document, Format, Parsed, Part, Pointer, Problem } from './format.ts';
import { json } from './json.ts';
import { syntax } from './syntax-issue.ts';

/**
 * Credentials for registries, as a Secret of type `kubernetes.io/dockerconfigjson` has them:
 * `{"auths": {"registry": {"auth": "base64 of user:password"}}}`. Each entry must hold what it takes to
 * log in, and `auth` must agree with `username` and `password` where they stand beside it.
 *
 * Source: kubernetes pkg/credentialprovider/config.go
 */
export const dockerconfigjson: Format = {
  name: 'dockerconfigjson',
  extensions: [],
  fileNames: /^\.dockerconfigjson$/,
  parse: (text) => parse(text, ['auths']),
};

/** The older `kubernetes.io/dockercfg`: the same entries, with no `auths` around them. */
export const dockercfg: Format = {
  name: 'dockercfg',
  extensions: [],
  fileNames: /^\.dockercfg$/,
  parse: (text) => parse(text, []),
};

function parse(text: string, entriesAt: Pointer): Parsed {
  if (isEncodedTwice(text)) return refused(text, [syntax('is base64 of JSON: encoded twice', 0)]);
  const parsed = json.parse(text);
  if (!parsed.ok) return parsed;
  const problems = parsed.documents.flatMap((document) => problemsOf(document, entriesAt));
  return problems.length > 0 ? { ok: false, problems } : parsed;
}

function problemsOf(document: Document, entriesAt: Pointer): readonly Problem[] {
  const problem = (message: string, pointer: Pointer, part: Part = 'value'): Problem => ({
    code: 'LG_VALIDATE_SYNTAX',
    args: [message],
    ...document.locate(pointer, part),
  });
  if (!isObject(document.value)) return [problem('must be an object', [])];
  const [key] = entriesAt;
  const entries = key === undefined ? document.value : document.value[key];
  if (entries === undefined) return [problem('"auths" is missing', [])];
  if (!isObject(entries)) return [problem('must be an object of registries', entriesAt)];
  return Object.entries(entries).flatMap(([registry, entry]) => {
    const at = [...entriesAt, registry];
    if (!isObject(entry)) return [problem('the entry of a registry must be an object', at)];
    return credentialProblems(entry).map(({ message, key: wrong }) =>
      wrong === undefined ? problem(message, at, 'key') : problem(message, [...at, wrong]),
    );
  });
}

/** A Secret is base64 already; who encodes a value of `stringData` by hand does it once too often. */
function isEncodedTwice(text: string): boolean {
  return /^[A-Za-z0-9+/=\s]+$/.test(text) && /^\s*\{/.test(Buffer.from(text, 'base64').toString());
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
