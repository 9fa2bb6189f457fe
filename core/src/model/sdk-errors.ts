import { ofStep } from './error-table.ts';

/** The codes of the SDK, and those of the responses of its socket: message, then hint. */
export const SDK_ERRORS = ofStep('sdk', {
  LG_SDK_INVALID: [
    'the configuration cannot be used:%s',
    'correct the content, or the schema of the app; `findings` of the error has each file, line and column',
  ],
  LG_SDK_OPTION: [
    'the option %s must be %s',
    'correct the call of connect or view; the types of the package name all options',
  ],
  LG_SDK_NO_SECRET: [
    'no file matches the glob %s of secret files',
    'a glob is relative to the directory; the values of files that none matches are shown',
  ],
  LG_SDK_TIMEOUT: [
    'no good version within %d ms%s',
    'check that the sidecar runs or the volume is mounted, and that the schema answers; or raise timeoutMs',
  ],
  LG_SDK_ABORTED: ['the signal of connect was aborted', 'connect again when it is needed'],
  LG_SDK_CLOSED: ['the connection is closed', 'connect again, or close it later'],
  LG_SDK_RESOURCE_TIMEOUT: [
    'the resource is still not open after %d ms',
    '`state` has the reason; if it takes so long to open, raise waitMs of the resource',
  ],
  LG_SDK_PROTOCOL: [
    'the client speaks version %s of the protocol, and this sidecar version %d',
    'upgrade the side with the lower version: the image of lastgood, or the client library',
  ],
  LG_SDK_REQUEST: [
    'the request cannot be used: %s',
    'docs/protocol.md has each request; if this client is a library, upgrade or report it',
  ],
  LG_SDK_NOT_FOUND: [
    'there is no %s',
    'GET /v1/bundles lists the bundles with a `subscribers` target, and docs/protocol.md has each request',
  ],
  LG_SDK_UNKNOWN_SUBSCRIBER: [
    'the subscriber %s is not connected',
    'connect again, with the version that this process runs on; the id in the first event is the new one',
  ],
  LG_SDK_NOT_READY: [
    'the bundle %s has no good version yet',
    'lastgood shows the reason in its log and at /readyz; try again, or subscribe and wait for the event `start`',
  ],
  LG_SDK_TOO_MANY: [
    'the bundle %s has no room for another subscriber',
    'end the connections that are not needed: one for each process is enough',
  ],
});
