/** The environment variables for proxies. Source: Node's page on `http.Agent`. */
export type ProxyEnv = Readonly<
  Partial<Record<'http_proxy' | 'HTTP_PROXY' | 'https_proxy' | 'HTTPS_PROXY', string>> &
    Partial<Record<'no_proxy' | 'NO_PROXY', string>>
>;

/**
 * The proxies of the environment; undefined unless `NODE_USE_ENV_PROXY=1` makes Node use them. So an
 * image or a cluster that only sets the variables of the proxies changes nothing.
 */
export function proxyEnvOf(env: NodeJS.ProcessEnv): ProxyEnv | undefined {
  return env.NODE_USE_ENV_PROXY === '1' ? env : undefined;
}

/**
 * Whether Node sends a request for this URL through a proxy. A refused connection is then that of the
 * proxy, not of the app. Source: Node v26 `lib/internal/http.js`, which does not export it.
 */
export function isProxied(url: string, env: ProxyEnv | undefined): boolean {
  const parsed = env === undefined || url.startsWith('unix:') ? null : URL.parse(url);
  if (env === undefined || parsed === null) return false;
  const isSecure = parsed.protocol === 'https:';
  const proxy = isSecure ? env.https_proxy || env.HTTPS_PROXY : env.http_proxy || env.HTTP_PROXY;
  if (!proxy || !/^https?:\/\//.test(proxy)) return false;
  const host = parsed.hostname.replace(/^\[|\]$/g, '');
  const port = parsed.port || (isSecure ? '443' : '80');
  const excluded = (env.no_proxy || env.NO_PROXY || '').split(',');
  return !excluded.some((entry) => bypasses(entry.trim().toLowerCase(), host, port));
}

/**
 * Whether an entry of `NO_PROXY` matches: the host itself, `.domain` or `*.domain`. Node also reads
 * ranges of IPv4 addresses (docs/adr/0020-no-proxy-without-ranges.md).
 */
function bypasses(entry: string, host: string, port: string): boolean {
  if (entry === '*' || entry === host || entry === `${host}:${port}`) return true;
  if (entry.startsWith('.')) return entry.slice(1) === host || host.endsWith(entry);
  return entry.startsWith('*.') && host.endsWith(entry.slice(1));
}
