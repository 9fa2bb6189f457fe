import { percentDecode } from '@lastgood/core/model/percent-decode.ts';
import { dump } from 'js-yaml';
import type { CompatRequest, ReloaderCompat } from '../../compat/reloader-compat.ts';
import { redactPath, redactUrl } from '../../io/http/redact-url.ts';
import { settingsOfDocument } from '../../settings/from-value.ts';
import { type CommandResult, unusable } from '../command.ts';
import { DEFAULT_CONFIG } from '../run/command.ts';

/** Prints the command line of another reloader as settings that can be used unchanged. */
export function explainFlags({ name }: ReloaderCompat, request: CompatRequest): CommandResult {
  const loaded = settingsOfDocument(request.document, name, request.flagAt);
  if (!loaded.ok) return unusable(loaded.findings);
  const { document, notes } = withoutCredentials(request);
  const yaml = dump(document, { lineWidth: -1, noRefs: true });
  const { metricsPath, once } = request;
  const comments = [
    `These flags of ${name} as settings. Save them to the file that --config or`,
    `LASTGOOD_CONFIG names, or to ${DEFAULT_CONFIG}, and remove the flags.`,
    ...notes,
    "Only the flags give you the reloader's metrics under their own names.",
    ...(metricsPath === '/metrics'
      ? []
      : [`The settings do not serve ${metricsPath}: the metrics are at /metrics.`]),
    ...(once ? ['The flags are for one run: start lastgood with --once.'] : []),
  ];
  const head = comments.map((line) => `# ${line}\n`).join('');
  return { end: 'good', output: `${head}${yaml}`, findings: [] };
}

/** The suggested directory of passwords. */
const PASSWORD_DIR = '/etc/lastgood/passwords';

const PLACEHOLDER = 'REPLACE-ME';

/**
 * A copy of a settings document without credentials in URLs (P8): userinfo becomes `auth.basic`
 * with a file, and the values of a query, which may be tokens, become a placeholder. A URL in the
 * place of a path is not shown, nor one of the `hidden` paths. The notes say what the reader has to fill in.
 */
function withoutCredentials({ document, hidden }: Pick<CompatRequest, 'document' | 'hidden'>): {
  readonly document: unknown;
  readonly notes: readonly string[];
} {
  const notes: string[] = [];
  let files = 0;
  const shownPath = (path: string) => {
    if (!hidden.includes(path)) return redactPath(path);
    notes.push(`A relative path is not shown: replace /${PLACEHOLDER} by the path of the file.`);
    return `/${PLACEHOLDER}`;
  };
  const redacted = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(redacted);
    if (typeof value === 'string' && value.startsWith('/')) return shownPath(value);
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value).map(([key, each]) => [key, redacted(each)] as const);
    const mapping: Record<string, unknown> = Object.fromEntries(entries);
    if (typeof mapping.url !== 'string') return mapping;
    const { url, username, hasQuery } = splitUrl(mapping.url);
    const shown = redactUrl(url);
    if (hasQuery) notes.push(`The query of ${shown} is not shown: replace each ${PLACEHOLDER}.`);
    if (username === undefined) return { ...mapping, url };
    const passwordFile = `${PASSWORD_DIR}/${files}`;
    files += 1;
    notes.push(`The password for ${shown} is not shown: put it into ${passwordFile}.`);
    const auth = { ...(mapping.auth as object | undefined), basic: { username, passwordFile } };
    return { ...mapping, url, auth };
  };
  return { document: redacted(document), notes };
}

interface UrlParts {
  /** Without userinfo, and with only the names of its query. */
  readonly url: string;
  /** Undefined: the URL has no userinfo. */
  readonly username?: string;
  readonly hasQuery: boolean;
}

function splitUrl(text: string): UrlParts {
  const url = text.startsWith('unix:') ? null : URL.parse(text);
  if (url === null) {
    const [plain = '', query] = text.split(/[?#]/);
    return { url: plain, hasQuery: query !== undefined };
  }
  const { username, password } = url;
  const hasUserinfo = username !== '' || password !== '';
  const hasQuery = url.search !== '';
  if (!hasUserinfo && !hasQuery && url.hash === '') return { url: text, hasQuery };
  Object.assign(url, { username: '', password: '', hash: '' });
  url.search = [...url.searchParams].map(hideParameter).join('&');
  if (!hasUserinfo) return { url: url.href, hasQuery };
  // A name without a password may be a token.
  const name = password === '' || username === '' ? PLACEHOLDER : percentDecode(username);
  return { url: url.href, username: name, hasQuery };
}

/** A parameter without a value may be a token. */
function hideParameter([name, value]: readonly [string, string]): string {
  return value === '' ? PLACEHOLDER : `${encodeURIComponent(name)}=${PLACEHOLDER}`;
}
