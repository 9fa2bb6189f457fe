import * as z from 'zod/mini';
import { key, or } from './keys.ts';
import {
  absolutePath,
  count,
  duration,
  headerName,
  headerValue,
  listOf,
  requestUrl,
  someText,
  statusList,
} from './values.ts';

/** The keys of whatever is done by an HTTP request. */

const header = z.union([
  headerValue,
  z.strictObject({
    file: key(
      'Absolute path of a file that holds the value; read anew for each use.',
      absolutePath,
    ),
  }),
]);

const auth = z.strictObject({
  bearerFile: key(
    'File that holds the token for "Authorization: Bearer".',
    z.optional(absolutePath),
  ),
  basic: key(
    'User name and password for "Authorization: Basic".',
    z.optional(
      z.strictObject({
        username: key('The user name.', someText),
        passwordFile: key('File that holds the password.', absolutePath),
      }),
    ),
  ),
  hmac: key(
    'Signs each body, in the header Lastgood-Signature.',
    z.optional(
      z.strictObject({ keyFile: key('File that holds the key of the signature.', absolutePath) }),
    ),
  ),
});

const tls = z.strictObject({
  caFile: key('File with the certificates (PEM) that are trusted.', z.optional(absolutePath)),
  certFile: key('File with the certificate (PEM) that lastgood shows.', z.optional(absolutePath)),
  keyFile: key('File with the key (PEM) of that certificate.', z.optional(absolutePath)),
  serverName: key(
    'The name that the certificate of the app must bear; the default is that of the URL.',
    z.optional(someText),
  ),
  insecureSkipVerify: key('Takes any certificate of the app.', or(false, z.boolean())),
});

/** Where a request goes, and how it says who it is. */
export const requestKeys = {
  url: key('The URL: http, https, or unix:/path/to.sock:/request/path.', requestUrl),
  headers: key('More headers, each a text or a file.', or({}, z.record(headerName, header))),
  followRedirects: key('Whether a redirect is followed.', or(false, z.boolean())),
  auth: key('How the request says who it is.', or({}, auth)),
  tls: key('Certificates for https.', or({}, tls)),
};

/** Status codes that mean yes. */
export const successKey = key(
  'Status codes or classes that mean yes.',
  or(['2xx'], statusList.check(z.minLength(1))),
);

/** What any event that is sent to the app has. */
export const hookKeys = {
  ...requestKeys,
  body: key(
    'What is sent: event is the JSON of docs/protocol.md, none is nothing, any other text is itself.',
    or('event', z.string()),
  ),
  success: successKey,
  refused: key(
    'Status codes or classes that mean that the app read it and says no.',
    or([400, 409, 422], statusList),
  ),
};

const attempts = z.union([count(1, 100), z.literal('endless')]);

/** When something is tried again; the defaults differ by what is tried. */
export function retriesOf(fallback: {
  readonly attempts: number | 'endless';
  readonly backoff: string;
  readonly max: string;
}) {
  return key(
    'How often and when it is tried again after a fault.',
    or(
      {},
      z.strictObject({
        attempts: key(
          'Tries in all, the first one included; endless: for as long as it takes.',
          or(fallback.attempts, attempts),
        ),
        backoff: key(
          'Wait before the second try (250ms, 1s); each further wait is twice as long.',
          or(fallback.backoff, duration()),
        ),
        max: key('The longest wait between two tries (30s, 5m).', or(fallback.max, duration(1))),
      }),
    ),
  );
}

/** Globs and other lists of texts that are not empty, such as a command. */
export const command = listOf(someText, 1);
