/** Parameters and keys that several presets have in common. */

/** What a signal to another container of the pod needs. */
export const SHARED_PROCESSES =
  '`shareProcessNamespace: true` in the pod, so that the sidecar sees the process, and the same user or root.';

export const EXECUTABLE = 'Base name of the executable, or of the script that an interpreter runs.';

/** The parameters that select a process. */
export function process(name: string, about = EXECUTABLE) {
  return { process: { about, kind: 'process', default: name }, commandLine } as const;
}

export const commandLine = {
  about: 'Regular expression of the command line, if several processes have that name.',
  kind: 'pattern',
  default: '.',
} as const;

interface Process {
  readonly process: string;
  readonly commandLine: string;
}

export function hangUp({ process, commandLine }: Process) {
  return [{ signal: { process, commandLine, signal: 'SIGHUP' } }];
}

/** The health URL of an app, which may reply with the version that it runs on. */
export const appHealth = {
  health: {
    about: 'URL that replies 2xx while the app works.',
    kind: 'url',
    required: true,
    example: 'http://localhost:8000/health',
  },
  version: {
    about: 'Dotted path into the JSON reply, where the app reports the version that it was sent.',
    kind: 'field',
    example: 'config.version',
  },
} as const;

export function healthProbe(url: string | undefined, version?: string) {
  return url === undefined ? undefined : { url, version: version && { json: version } };
}

/** A parameter for a URL with a default. */
export function urlParameter(about: string, fallback: string) {
  return { about, kind: 'url', default: fallback } as const;
}

/** Signals an app, which must then keep running and reply at its health URL. */
export function hangUpApp(
  { health, version, ...app }: Process & { health: string; version: string | undefined },
  proof?: { readonly newWorkers: true | 'all'; readonly workerCommandLine?: string },
) {
  return {
    targets: hangUp(app),
    confirm: { process: { ...app, ...proof }, http: healthProbe(health, version) },
  };
}

/** `http://localhost:9090/` and `http://localhost:9090` are the same base. */
export function join(base: string, path: string): string {
  return `${base.replace(/\/+$/, '')}${path}`;
}

/** The certificate that a server presents. */
export function tls(address: string, more: { readonly startTls?: 'postgres' } = {}) {
  return {
    about: 'Address and file of the certificate to compare with, or several, like `confirm.tls`.',
    kind: 'tls',
    example: { address, file: 'tls.crt', ...more },
  } as const;
}

export const auth = {
  about: 'Credentials of the requests, like `auth` of a webhook.',
  kind: 'mapping',
  default: {},
} as const;
