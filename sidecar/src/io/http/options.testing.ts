/** What the settings have where nothing is said of a request. */
export const PLAIN_REQUEST = {
  headers: {},
  followRedirects: false,
  auth: { bearerFile: undefined, basic: undefined, hmac: undefined },
  tls: {
    caFile: undefined,
    certFile: undefined,
    keyFile: undefined,
    serverName: undefined,
    insecureSkipVerify: false,
  },
} as const;
