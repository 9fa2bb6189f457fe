/** Why a text cannot be told by HTTP; undefined when it can. Never quotes it (P8). */
export function whyNoWebhook(url: string): string | undefined {
  if (!/^(?:https?|unix):/.test(url))
    return 'invalid URL: it must begin with http://, https:// or unix:/';
  if (/^unix:\/[^:]+(?::\/.*)?$/.test(url)) return undefined;
  if (/^https?:\/\//.test(url) && URL.canParse(url)) return undefined;
  return 'invalid URL: it cannot be parsed';
}

/**
 * The value of the label `webhook`: as configmap-reload writes it, with a password as `xxxxx`, so that
 * dashboards and alerts go on. A query, and userinfo without a password, may be a token: they are left
 * out (P8). Source: configmap-reload.go, url.URL.Redacted.
 */
export function labelOfWebhook(url: string): string {
  const plain = url.replace(/[?#].*$/s, '');
  const { scheme = '', userinfo, rest = '' } = PARTS.exec(plain)?.groups ?? {};
  // Not as `URL` writes it: that adds a slash to a URL without a path, and so makes a new label.
  if (userinfo === undefined) return plain;
  const colon = userinfo.indexOf(':');
  return `${scheme}${colon === -1 ? '' : `${userinfo.slice(0, colon)}:`}xxxxx@${rest}`;
}

/** In a URL of HTTP `\` is as good as `/`: no userinfo hides behind it. */
const PARTS = /^(?<scheme>[a-z]+:\/\/)(?:(?<userinfo>[^/\\]*)@)?(?<rest>.*)$/is;
