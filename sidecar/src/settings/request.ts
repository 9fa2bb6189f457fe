import { isMapping } from '@lastgood/core/model/mapping.ts';
import * as z from 'zod/mini';
import type { HeaderValue } from '../io/http/options.ts';
import { either, key, mapping, optional, type Values } from './mapping.ts';
import { absolutePath, requestUrl, someText, text } from './values.ts';
import { mustHidden } from './wording.ts';

/** The keys of every HTTP request. Files with credentials are read for each request. */

const OWN_HEADERS =
  /^(?:host|content-length|connection|transfer-encoding|authorization|lastgood-.*)$/i;

/** Source: RFC 9110, section 5.1 (token). */
// Without the value, as a credential may be in its place (P8).
const headerName = text(
  /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/,
  mustHidden('be the name of a header'),
).check(
  z.refine(
    (name) => !OWN_HEADERS.test(name),
    mustHidden('not be a header that lastgood sets itself'),
  ),
);

/** It may be a token, so no message shows it (P8). Source: RFC 9110, section 5.5. */
const headerValue = text(
  /^[\t\x20-\x7e\x80-\xff]*$/,
  mustHidden('be the text of a header, on one line'),
);

const header = either(
  isMapping,
  z.strictObject({
    file: key('Absolute path of a file that contains the value.', absolutePath),
  }),
  headerValue,
);

const headers = z.pipe(
  z.record(headerName, header),
  z.transform((given): Record<string, HeaderValue> => {
    const entries = Object.entries(given).map(([name, each]) => [
      name.toLowerCase(),
      typeof each === 'string' ? { value: each } : each,
    ]);
    return Object.fromEntries(entries);
  }),
);

const auth = mapping(
  {
    bearerFile: optional('File that contains the token for "Authorization: Bearer".', absolutePath),
    basic: optional(
      'User name and password for "Authorization: Basic".',
      z.strictObject({
        username: key('The user name.', someText),
        passwordFile: key('File that contains the password.', absolutePath),
      }),
    ),
    hmac: optional(
      'Signs each body in the header Lastgood-Signature.',
      z.strictObject({ keyFile: key('File that contains the signing key.', absolutePath) }),
    ),
  },
  (auth, report) => {
    if (auth.bearerFile !== undefined && auth.basic !== undefined)
      report(['basic'], 'cannot be combined with bearerFile');
    return auth;
  },
);

const tls = mapping(
  {
    caFile: optional('File with the trusted CA certificates (PEM).', absolutePath),
    certFile: optional('File with the client certificate (PEM).', absolutePath),
    keyFile: optional('File with the private key (PEM) of that certificate.', absolutePath),
    serverName: optional(
      'Name that the certificate of the app must have (default: the host of the URL).',
      someText,
    ),
    insecureSkipVerify: key('Accept any certificate of the app.', z.boolean(), false),
  },
  (tls, report) => {
    if (tls.certFile !== undefined && tls.keyFile === undefined)
      report([], 'has certFile and also needs "keyFile"');
    if (tls.keyFile !== undefined && tls.certFile === undefined)
      report([], 'has keyFile and also needs "certFile"');
    return tls;
  },
);

export const requestKeys = {
  url: key('URL: http, https, or unix:/path/to.sock:/request/path.', requestUrl),
  headers: key('Additional headers; each value is a text or a file.', headers, {}),
  followRedirects: key('Follow redirects.', z.boolean(), false),
  auth: key('Credentials of the request.', auth, {}),
  tls: key('Certificates for https.', tls, {}),
};

/** The URL may contain a password, so it is shown only through `redactUrl` (P8). */
export type RequestSettings = Values<typeof requestKeys>;
