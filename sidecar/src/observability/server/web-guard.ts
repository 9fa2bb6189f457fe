import { createHmac, randomBytes } from 'node:crypto';
import { statSync } from 'node:fs';
import type { Server } from 'node:https';
import {
  createSecureContext,
  type SecureContextOptions,
  type TLSSocket,
  type TlsOptions,
} from 'node:tls';
import { findingFrom } from '@lastgood/core/model/error.ts';
import type { Finding } from '@lastgood/core/model/finding.ts';
import { readOrThrow, readWebConfig, unusable, type WebConfig, type WebTls } from './web-config.ts';

/** TLS, passwords and headers for all pages. */
export interface WebGuard {
  /** Options of the server; undefined: it speaks plain HTTP. */
  readonly https: TlsOptions | undefined;
  /** Headers of each response, by the current file. */
  headers(): Readonly<Record<string, string>>;
  /** Whether a request with this header is allowed. */
  allows(authorization: string | undefined): Promise<boolean>;
  /** Gives each connection the certificate that the files hold when it begins. */
  attach(server: Server): void;
}

/**
 * Reads the file and those that it names, and again after each change, as a mounted Secret is replaced
 * when its certificate is renewed. Throws LG_SETTINGS_WEB_CONFIG at first; later it keeps the last usable
 * configuration, and calls `onProblem` once for each reason.
 */
export function createWebGuard(file: string, onProblem: (finding: Finding) => void): WebGuard {
  const first = loadConfig(file);
  const clientAuth = first.config.tls?.clientAuth;
  const isAllowed = createPasswordCheck();
  let current = first;
  let fingerprint = fingerprintOf(file, first.config);
  let reported = '';
  const refresh = (): boolean => {
    const found = fingerprintOf(file, current.config);
    if (found === fingerprint) return false;
    fingerprint = found;
    try {
      const next = loadConfig(file);
      if ((next.context === undefined) !== (first.context === undefined))
        throw unusable('TLS can only be switched on or off by a restart');
      // An empty file is more likely a mistake, which would open all pages.
      if (hasUsers(current.config) && !hasUsers(next.config))
        throw unusable('it has no users any more; passwords can only be switched off by a restart');
      current = next;
      fingerprint = fingerprintOf(file, next.config);
      reported = '';
      return true;
    } catch (error) {
      const finding = findingFrom(error);
      if (finding.message !== reported) onProblem(finding);
      reported = finding.message;
      return false;
    }
  };
  return {
    // The rules for client certificates are fixed at the start.
    https: first.context && {
      ...first.context,
      requestCert: clientAuth !== 'NoClientCert',
      rejectUnauthorized: clientAuth === 'RequireAndVerifyClientCert',
    },
    headers: () => current.config.headers,
    allows: async (authorization) => {
      refresh();
      const { users } = current.config;
      return !hasUsers(current.config) || isAllowed(authorization, users);
    },
    attach: (server) => {
      // Must run before the server's own listener, which begins the handshake.
      server.prependListener('connection', () => {
        if (refresh() && current.context !== undefined) server.setSecureContext(current.context);
      });
      server.on('secureConnection', (socket) => {
        if (!isTrusted(socket, clientAuth)) socket.destroy();
      });
    },
  };
}

function hasUsers({ users }: WebConfig): boolean {
  return Object.keys(users).length > 0;
}

function loadConfig(file: string) {
  const config = readWebConfig(file);
  const { tls } = config;
  if (tls === undefined) return { config, context: undefined };
  const context: SecureContextOptions = {
    cert: readOrThrow(tls.certFile, 'the file of cert_file'),
    key: readOrThrow(tls.keyFile, 'the file of key_file'),
    minVersion: tls.minVersion,
    ...(tls.clientCaFile === undefined
      ? {}
      : { ca: readOrThrow(tls.clientCaFile, 'the file of client_ca_file') }),
  };
  try {
    // With a certificate that does not match its key, every handshake would fail.
    createSecureContext(context);
  } catch {
    throw unusable(`${tls.certFile} and ${tls.keyFile} are not a certificate and its key`);
  }
  return { config, context };
}

/** The rules that Node does not check itself. */
function isTrusted(socket: TLSSocket, clientAuth: WebTls['clientAuth'] | undefined): boolean {
  const isShown = () => Object.keys(socket.getPeerCertificate()).length > 0;
  if (clientAuth === 'RequireAnyClientCert') return isShown();
  if (clientAuth === 'VerifyClientCertIfGiven') return socket.authorized || !isShown();
  return true;
}

/** Changes when the file or one that it names does, or a symlink in the path. */
function fingerprintOf(file: string, { tls }: WebConfig): string {
  const named = tls === undefined ? [] : [tls.certFile, tls.keyFile, tls.clientCaFile];
  return [file, ...named.filter((each) => each !== undefined)]
    .map((path) => {
      const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
      return stats === undefined ? '-' : `${stats.dev} ${stats.ino} ${stats.mtimeNs} ${stats.size}`;
    })
    .join(', ');
}

/** Number of correct passwords to remember, so that a scraper costs bcrypt once, not each time. */
const MAX_REMEMBERED = 100;

/** No password has it. Checked for unknown users, so that the response time does not reveal them. */
const NO_PASSWORD = '$2b$10$4WOleSPMAN33hsOQyNDQsuDJVrF/4sNlSiiaDIPb/KoyutuNxk9mG';

/** Requests that may wait for bcrypt. More are refused, as each costs 0.1 s of processor time. */
const MAX_WAITING = 16;

/**
 * Creates the check whether the header `Authorization: Basic` has the password of one of the users.
 * It remembers correct passwords, and never rejects.
 */
function createPasswordCheck() {
  const key = randomBytes(32);
  const remembered = new Set<string>();
  let waiting = 0;
  let last: Promise<unknown> = Promise.resolve();
  return async (header: string | undefined, users: Readonly<Record<string, string>>) => {
    const given = readCredentials(header);
    if (given === undefined) return false;
    const hash = Object.hasOwn(users, given.user) ? users[given.user] : undefined;
    // With the hash, so that a password is forgotten when its user gets a new one.
    const known = [given.user, hash ?? '', given.password];
    const digest = createHmac('sha256', key).update(JSON.stringify(known)).digest('hex');
    if (hash !== undefined && remembered.has(digest)) return true;
    if (waiting >= MAX_WAITING) return false;
    waiting += 1;
    // One at a time: the rollouts come first.
    const turn = last.then(async () => {
      const { compare } = await import('bcryptjs');
      return compare(given.password, hash ?? NO_PASSWORD);
    });
    last = turn.catch(() => {});
    const isRight = await turn.catch(() => false).finally(() => (waiting -= 1));
    if (hash === undefined || !isRight) return false;
    if (remembered.size >= MAX_REMEMBERED) remembered.clear();
    remembered.add(digest);
    return true;
  };
}

/** Source: RFC 7617. */
function readCredentials(header = '') {
  const [, token = ''] = /^basic +([A-Za-z0-9+/=_-]+)$/i.exec(header) ?? [];
  const text = Buffer.from(token, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 0 ? undefined : { user: text.slice(0, colon), password: text.slice(colon + 1) };
}
