import type { Exchange } from './exchange.ts';

/** The value of a header, or the file that contains it. */
export type HeaderValue = { readonly value: string } | { readonly file: string };

/** How a request authenticates itself. At most one of `bearerFile` and `basic` is set. */
export interface AuthOptions {
  readonly bearerFile: string | undefined;
  readonly basic: { readonly username: string; readonly passwordFile: string } | undefined;
  readonly hmac: { readonly keyFile: string } | undefined;
}

/** For https; Node's defaults apply to whatever is undefined. */
export interface TlsOptions {
  readonly caFile: string | undefined;
  readonly certFile: string | undefined;
  readonly keyFile: string | undefined;
  readonly serverName: string | undefined;
  readonly insecureSkipVerify: boolean;
}

/** One status code, or a class of them. */
export type StatusMatch = number | `${1 | 2 | 3 | 4 | 5}xx`;

/**
 * A request with everything that the settings may ask for. The files are read again for each request;
 * the result is a fault that names the file, or its key, if one cannot be read.
 */
export interface RequestOptions extends Omit<Exchange, 'headers' | 'socketPath'> {
  /** http, https, or `unix:/path/to.sock:/request/path`. */
  readonly url: string;
  /**
   * By lower-case name. Plain strings are headers of lastgood. A `HeaderValue` comes from the settings
   * and may be a credential, so a redirect to another origin does not pass it on.
   */
  readonly headers?: Readonly<Record<string, string | HeaderValue>>;
  /** The body comes from the settings and may be a credential, so it does not leave the origin. */
  readonly isBodyPrivate?: boolean;
  readonly followRedirects?: boolean;
  readonly auth?: AuthOptions;
  readonly tls?: TlsOptions;
}

/** Why something that a request needs cannot be used. */
export interface Unusable {
  readonly reason: string;
}

export function usesDefaultTls(tls: TlsOptions): boolean {
  return Object.values(tls).every((value) => value === undefined || value === false);
}

export function matchesStatus(matches: readonly StatusMatch[], status: number): boolean {
  return matches.some((match) =>
    typeof match === 'number' ? match === status : match[0] === String(status)[0],
  );
}
