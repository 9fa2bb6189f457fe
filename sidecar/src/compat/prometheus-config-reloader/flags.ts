import { goDuration } from './go-duration.ts';
import type { KingpinFlag } from './kingpin.ts';

/** The flags of prometheus-config-reloader that it alone has. Names and defaults are its contract. */
export const ITS_FLAGS = [
  { name: 'config-file', kind: 'text', about: 'the configuration file that is watched' },
  {
    name: 'config-envsubst-file',
    kind: 'text',
    about: 'where that file is written without gzip, and with the values of $(VARIABLES) in it',
  },
  {
    name: 'watch-interval',
    kind: 'text',
    about: '0: write once and end; else a change is seen at once, and looked for each minute',
    fallback: '3m0s',
    wrong: wrongDuration,
  },
  {
    name: 'delay-interval',
    kind: 'text',
    about: 'how long it must be quiet after a change before the reload',
    fallback: '1s',
    wrong: wrongDuration,
  },
  {
    name: 'retry-interval',
    kind: 'text',
    about: 'how long to wait after a reload that failed',
    fallback: '5s',
    wrong: wrongDuration,
  },
  {
    name: 'reload-timeout',
    kind: 'text',
    about: 'how long the answer to a reload may take',
    fallback: '30s',
    wrong: wrongDuration,
  },
  {
    name: 'auto-gomemlimit-ratio',
    kind: 'text',
    about: 'taken and without effect: there is no Go runtime to limit',
    fallback: '0.0',
    wrong: (value) =>
      value.trim() !== '' && Number.isFinite(Number(value))
        ? undefined
        : `strconv.ParseFloat: parsing ${JSON.stringify(value)}: invalid syntax`,
  },
  {
    name: 'watched-dir',
    kind: 'list',
    about: 'a directory that is watched, with all that is below it; may be repeated',
  },
  {
    name: 'reload-method',
    kind: 'text',
    about: 'how the reload is asked for: http or signal',
    fallback: 'http',
    wrong: (value) =>
      ['http', 'signal'].includes(value)
        ? undefined
        : `enum value must be one of http,signal, got '${value}'`,
  },
  {
    name: 'process-executable-name',
    kind: 'text',
    about: 'the executable of the process that gets the signal',
    fallback: 'prometheus',
  },
  {
    name: 'statefulset-ordinal-from-envvar',
    kind: 'text',
    about: 'the variable whose number at the end is $(STATEFULSET_ORDINAL_NUMBER)',
    fallback: 'POD_NAME',
  },
  {
    name: 'listen-address',
    kind: 'text',
    about: 'the address of metrics, probes and status; none are served when it is empty',
  },
  {
    name: 'web-config-file',
    kind: 'text',
    about: 'a file that puts TLS and passwords before them',
    fallback: '',
  },
  {
    name: 'reload-url',
    kind: 'text',
    about: 'the URL that asks for the reload',
    fallback: 'http://127.0.0.1:9090/-/reload',
    wrong: wrongUrl,
  },
  {
    name: 'runtimeinfo-url',
    kind: 'text',
    about: 'the URL that tells whether a reload by signal went well',
    fallback: 'http://127.0.0.1:9090/api/v1/status/runtimeinfo',
    wrong: wrongUrl,
  },
] as const satisfies readonly KingpinFlag[];

/** Flags that other programs have as well, or that are ours: they do not tell whose they are. */
export const OTHER_FLAGS = [
  { name: 'help', kind: 'bool', about: 'print this and end' },
  { name: 'version', kind: 'bool', about: 'print the version and end' },
  { name: 'log-format', kind: 'text', about: 'logfmt or json', fallback: 'logfmt' },
  {
    name: 'log-level',
    kind: 'text',
    about: 'all, debug, info, warn, error or none',
    fallback: 'info',
  },
  {
    name: 'validate',
    kind: 'bool',
    about: 'check the files before anything is written or reloaded, and hold back what is broken',
  },
  {
    name: 'schema',
    kind: 'list',
    about:
      'the same with a JSON Schema for the configuration file, or GLOB=FILE (a path with = in it begins with / or ./); may be repeated',
  },
] as const satisfies readonly KingpinFlag[];

export const FLAGS: readonly KingpinFlag[] = [...ITS_FLAGS, ...OTHER_FLAGS];

export type FlagName = (typeof ITS_FLAGS | typeof OTHER_FLAGS)[number]['name'];

/** The values of the flags by name, defaults and all. */
export interface Values {
  all(name: FlagName): readonly string[];
  /** The only one; empty where there is none. */
  one(name: FlagName): string;
  isOn(name: FlagName): boolean;
  /** Milliseconds. */
  duration(name: FlagName): number;
}

/** Fills the defaults in. */
export function valuesOf(given: ReadonlyMap<string, readonly string[]>): Values {
  const all = (name: FlagName) => given.get(name) ?? [];
  const one = (name: FlagName) =>
    all(name)[0] ?? FLAGS.find((flag) => flag.name === name)?.fallback ?? '';
  return {
    all,
    one,
    isOn: (name) => one(name) === 'true',
    duration: (name) => {
      const read = goDuration(one(name));
      return 'ms' in read ? read.ms : 0;
    },
  };
}

function wrongDuration(value: string): string | undefined {
  const read = goDuration(value);
  return 'wrong' in read ? read.wrong : undefined;
}

/** Never quotes it: it may hold a password (P8). */
function wrongUrl(url: string): string | undefined {
  if (!/^https?:\/\//.test(url)) return 'invalid URL: it must begin with http:// or https://';
  return URL.canParse(url) ? undefined : 'invalid URL: it cannot be parsed';
}
