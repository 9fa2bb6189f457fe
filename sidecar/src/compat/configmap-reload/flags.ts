import { SHAPE_MODES } from '../../settings/settings.ts';
import type { GoFlag } from '../go-flags.ts';
import { whyNoWebhook } from './webhook-url.ts';

/** The flags of configmap-reload. Their names and defaults are its contract. */
export const ITS_FLAGS = [
  {
    name: 'volume-dir',
    kind: 'list',
    about: 'a directory that is watched, where the ConfigMap is mounted; may be repeated',
  },
  {
    name: 'webhook-url',
    kind: 'list',
    about: 'the URL that is told when one of them has changed; may be repeated',
    sealed: true,
    wrong: whyNoWebhook,
  },
  {
    name: 'webhook-method',
    kind: 'string',
    about: 'the HTTP method of the request',
    fallback: 'POST',
    wrong: oneOf(['POST', 'PUT', 'GET', 'PATCH', 'DELETE']),
  },
  {
    name: 'webhook-status-code',
    kind: 'int',
    about: 'the HTTP status that means yes',
    fallback: '200',
    wrong: (code) => (/^[1-5]\d\d$/.test(code) ? undefined : 'must be from 100 to 599'),
  },
  {
    name: 'webhook-retries',
    kind: 'int',
    about: 'how often one change is tried in a row; less than 0 is for as long as it takes',
    fallback: '1',
  },
  {
    name: 'web.listen-address',
    kind: 'string',
    about: 'the address of metrics, probes and status',
    fallback: ':9533',
  },
  {
    name: 'web.telemetry-path',
    kind: 'string',
    about: 'where the metrics are, beside /metrics',
    fallback: '/metrics',
    wrong: (path) =>
      /^(?:\/[\w.~-]+)+$/.test(path) ? undefined : 'must be a path such as /metrics',
  },
] as const satisfies readonly GoFlag[];

/** What lastgood adds to them: one more flag each switches something on. */
export const OUR_FLAGS = [
  {
    name: 'schema',
    kind: 'list',
    about:
      'check the files before anybody is told: JSON Schema, or GLOB=FILE (a path with = in it begins with / or ./); may be repeated',
  },
  {
    name: 'shape',
    kind: 'string',
    about:
      'hold each change against the shape of the last good version: off, warn, compatible, same',
    fallback: 'off',
    wrong: oneOf(SHAPE_MODES),
  },
  {
    name: 'publish',
    kind: 'string',
    about: 'the directory where the app reads it: only what is good is put there, all URLs or none',
  },
  {
    name: 'hmac-key-file',
    kind: 'string',
    about: 'sign each request with the key in this file (header Lastgood-Signature)',
  },
] as const satisfies readonly GoFlag[];

export const FLAGS: readonly GoFlag[] = [...ITS_FLAGS, ...OUR_FLAGS];

export type FlagName = (typeof ITS_FLAGS | typeof OUR_FLAGS)[number]['name'];

/** The values of the flags by name, defaults and all. */
export interface Values {
  all(name: FlagName): readonly string[];
  /** The last one; empty where there is none. */
  last(name: FlagName): string;
}

/** Fills the defaults in. */
export function valuesOf(given: ReadonlyMap<string, readonly string[]>): Values {
  const all = (name: FlagName) => given.get(name) ?? [];
  const fallbackOf = (name: FlagName) => FLAGS.find((flag) => flag.name === name)?.fallback ?? '';
  return { all, last: (name) => all(name).at(-1) ?? fallbackOf(name) };
}

function oneOf(words: readonly string[]) {
  return (value: string) =>
    words.includes(value) ? undefined : `must be one of ${words.join(', ')}`;
}
