import type { Mapping } from '@lastgood/core/model/mapping.ts';
import { isMapping } from '@lastgood/core/model/mapping.ts';
import { itemsAt, textAt } from '../manifests/objects.ts';
import type { Container } from '../manifests/pods.ts';
import { reloaderOfImage, watchesFiles } from '../manifests/reloaders.ts';
import type { Workload } from './pod.ts';

/** A container that reloads the app today. */
export interface Reloader {
  readonly container: Container;
  /** The volumes that it mounts. */
  readonly volumes: readonly string[];
  /** lastgood understands its command line. */
  readonly isDropIn: boolean;
  /** The targets of `lastgood.yaml` that do its job, or why it is not clear what it does. */
  readonly targets: readonly Mapping[] | string;
}

/** The containers of a pod that only watch configuration and notify the app. */
export function reloadersOf({ containers }: Workload): readonly Reloader[] {
  return containers.flatMap((container) => {
    const targets = targetsOf(container);
    if (targets === undefined) return [];
    const volumes = container.mounts.flatMap(({ volume }) => volume ?? []);
    const isDropIn = reloaderOfImage(container.image) !== undefined;
    return [{ container, volumes, isDropIn, targets }];
  });
}

function textsAt(value: Mapping, key: string): readonly string[] {
  return itemsAt(value, [key]).flatMap(({ value: item }) => (typeof item === 'string' ? item : []));
}

/** Undefined: the container is not a reloader. */
function targetsOf({ value, image }: Container): Reloader['targets'] | undefined {
  const reloader = reloaderOfImage(image);
  if (reloader === undefined) return targetsOfScript(value);
  const request = reloader.read(
    [...textsAt(value, 'command').slice(1), ...textsAt(value, 'args')],
    {},
  );
  if ('exitCode' in request) return 'its command line is not complete';
  const bundles = itemsAt(request.document, ['bundles']).map((each) => each.value);
  if (bundles.some((bundle) => isMapping(bundle) && bundle.expand !== undefined))
    return 'it also replaces variables in the configuration';
  const targets = bundles.flatMap((bundle) => itemsAt(bundle, ['targets']));
  return targets
    .map(({ value: target }) => target)
    .filter(isMapping)
    .map(withOwnRetries);
}

/** Retries and refusals are those of lastgood: one attempt would be a rollback. */
function withOwnRetries({ webhook, signal }: Mapping): Mapping {
  const { retries, refused, timeout, ...own } = { ...((webhook ?? signal) as object) } as Mapping;
  return webhook === undefined ? { signal: own } : { webhook: own };
}

/** A program in the background, and one that takes the place of the shell. */
const STARTS = /(?<![&>|])&(?=\s|$)|\bexec\b/;

/** Whether a script also starts the app: its container is that of the app, which must stay. */
function startsApp(script: string, targets: readonly Mapping[]): boolean {
  const names = targets.flatMap(({ signal }) => textAt(signal, ['process']) ?? []);
  const starts = names.map(
    (name) => `(?:^|[;&|(])\\s*(?:\\S*/)?${RegExp.escape(name)}\\b(?!\\s+-s)`,
  );
  return STARTS.test(script) || starts.some((pattern) => new RegExp(pattern, 'm').test(script));
}

function targetsOfScript(value: Mapping): Reloader['targets'] | undefined {
  const [shell = '', ...rest] = [...textsAt(value, 'command'), ...textsAt(value, 'args')];
  const script = rest.join('\n').replaceAll(/^[^\S\n]*#.*$|\\\n/gm, ' ');
  if (!/^(?:.*\/)?(?:ba|da|a)?sh$/.test(shell) || !watchesFiles(script)) return undefined;
  const found = [...requestsIn(script), ...signalsIn(script)];
  if (startsApp(script, found)) return undefined;
  if (hasOtherOptions(script))
    return 'its script sends a request with options that lastgood would not keep, such as a header';
  if (found.length === 1) return found;
  return found.length === 0
    ? 'its script has neither a request nor a signal that lastgood can read'
    : 'its script notifies more than one target';
}

const REQUESTS = /\b(?<program>curl|wget)\b(?<rest>[^\n;|&]*)/g;

/** Options that decide what is sent, how and to whom, beside the URL, the method and a written body. */
const OTHER_OPTIONS = {
  curl: /\s(?:-[#fgiILqsSv]*[bEFGHkKTux]|--(?:cacert|cert|config|cookie|form|get|header|insecure|json|oauth2-bearer|proxy|unix-socket|upload-file|user|data-(?:binary|urlencode))\b|(?:-d|--data)[ =]?["']?@)/,
  wget: /\s--(?:ca-certificate|certificate|(?:http-)?(?:user|password)|header|no-check-certificate|(?:post|body)-file)\b/,
};

function hasOtherOptions(script: string): boolean {
  return [...script.matchAll(REQUESTS)].some(({ groups }) =>
    OTHER_OPTIONS[groups?.program === 'curl' ? 'curl' : 'wget'].test(groups?.rest ?? ''),
  );
}

function requestsIn(script: string): readonly Mapping[] {
  const commands = script.matchAll(REQUESTS);
  return [...commands].flatMap(({ groups }) => {
    const { program = '', rest = '' } = groups ?? {};
    const url = /\bhttps?:\/\/[^\s"'$]+(?=["'\s]|$)/.exec(rest)?.[0];
    if (url === undefined) return [];
    const written = /(?:-X|--request|--method)[ =]?["']?(?<verb>[A-Z]+)/.exec(rest)?.groups?.verb;
    const body = (program === 'curl' ? CURL_DATA : WGET_DATA).exec(rest)?.[2];
    const method = written ?? (body === undefined ? 'GET' : 'POST');
    return [{ webhook: { url, method, body: body || 'none' } }];
  });
}

const CURL_DATA = /\s(?:-d|--data(?:-raw)?)[ =]?(["']?)([^"'\s$]*|(?<=')[^']*)\1(?=\s|$)/;
const WGET_DATA = /\s--(?:post|body)-data[ =](["']?)([^"'\s$]*|(?<=')[^']*)\1(?=\s|$)/;

const SIGNAL = String.raw`(?:-s\s*)?-?(?:SIG)?(?<signal>HUP|USR1|USR2)`;

/** Programs that signal a process by its name, or by a regular expression of its command line. */
const SIGNALS = [
  new RegExp(
    String.raw`\b(?:pkill|killall)\s+${SIGNAL}\s+(?:-x\s+|(?<full>-f)\s+)?["']?(?<process>\w[\w.-]*)`,
    'g',
  ),
  new RegExp(
    String.raw`\bkill\s+${SIGNAL}\s+"?(?:\$\(|\x60)\s*(?:pidof|pgrep)\s+(?:-[xno]+\s+|(?<full>-f)\s+)*["']?(?<process>\w[\w.-]*)`,
    'g',
  ),
  /\b(?<process>nginx)\s+-s\s+reload\b/g,
];

function signalsIn(script: string): readonly Mapping[] {
  return SIGNALS.flatMap((pattern) => [...script.matchAll(pattern)]).map(({ groups = {} }) => {
    const { signal = 'HUP', process, full } = groups;
    const name = full === undefined ? { process } : { commandLine: process };
    return { signal: { ...name, signal: `SIG${signal}` } };
  });
}
