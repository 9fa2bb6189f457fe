/** Why a text is not the URL of a webhook; undefined if it is. Never quotes it (P8). */
export function webhookUrlProblem(url: string): string | undefined {
  if (!/^(?:https?|unix):/.test(url))
    return 'invalid URL: it must begin with http://, https:// or unix:/';
  if (/^unix:\/[^:]+(?::\/.*)?$/.test(url)) return undefined;
  if (/^https?:\/\//.test(url) && URL.canParse(url)) return undefined;
  return 'invalid URL: it cannot be parsed';
}

/**
 * The value of the label `webhook`, as configmap-reload writes it, with a password as `xxxxx`, so
 * that dashboards and alerts go on working. Leaves out a query, and userinfo without a password,
 * which may be a token (P8). Source: configmap-reload.go, url.URL.Redacted.
 */
export function labelOfWebhook(url: string): string {
  const plain = url.replace(/[?#].*$/s, '');
  const { scheme = '', userinfo, rest = '' } = PARTS.exec(plain)?.groups ?? {};
  // `URL` would add a slash to a URL without a path, and so make a new label.
  if (userinfo === undefined) return plain;
  const colon = userinfo.indexOf(':');
  return `${scheme}${colon === -1 ? '' : `${userinfo.slice(0, colon)}:`}xxxxx@${rest}`;
}

/** In an HTTP URL `\` means `/`, so userinfo ends there too. */
const PARTS = /^(?<scheme>[a-z]+:\/\/)(?:(?<userinfo>[^/\\]*)@)?(?<rest>.*)$/is;
