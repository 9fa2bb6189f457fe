/** The options of a request with every default of the settings. */
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
