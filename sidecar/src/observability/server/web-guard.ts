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
import { createPasswordCheck } from './passwords.ts';
import { readOrThrow, readWebConfig, unusable, type WebConfig, type WebTls } from './web-config.ts';

/** What stands before everything that is served. */
export interface WebGuard {
  /** Of the server; undefined: it speaks plain HTTP. */
  readonly https: TlsOptions | undefined;
  /** Headers of each answer, as the file says now. */
  headers(): Readonly<Record<string, string>>;
  /** Whether a request may go on. */
  allows(authorization: string | undefined): Promise<boolean>;
  /** Lets the server show the certificate that the files hold when a connection comes. */
  attach(server: Server): void;
}

/**
 * Reads the file and those that it names, and again whenever they have changed: a mounted Secret is
 * replaced each time its certificate is renewed. Throws LG_SETTINGS_WEB_CONFIG at first; later the
 * newest that could be used stays, and `onTrouble` is told once of each reason.
 */
export function createWebGuard(file: string, onTrouble: (finding: Finding) => void): WebGuard {
  const first = loaded(file);
  const isAllowed = createPasswordCheck();
  let current = first;
  let seen = stampOf(filesOf(file, first.config));
  let trouble = '';
  const refresh = (): boolean => {
    const stamp = stampOf(filesOf(file, current.config));
    if (stamp === seen) return false;
    seen = stamp;
    try {
      const next = loaded(file);
      if ((next.context === undefined) !== (first.context === undefined))
        throw unusable('TLS can be switched on or off only by a new start');
      current = next;
      seen = stampOf(filesOf(file, next.config));
      trouble = '';
      return true;
    } catch (error) {
      const finding = findingFrom(error);
      if (finding.message !== trouble) onTrouble(finding);
      trouble = finding.message;
      return false;
    }
  };
  return {
    https: first.context && { ...first.context, ...askingFor(first.config.tls) },
    headers: () => current.config.headers,
    allows: async (authorization) => {
      refresh();
      const { users } = current.config;
      return Object.keys(users).length === 0 || isAllowed(authorization, users);
    },
    attach: (server) => {
      // Before the server's own listener, which begins the handshake.
      server.prependListener('connection', () => {
        if (refresh() && current.context !== undefined) server.setSecureContext(current.context);
      });
      server.on('secureConnection', (socket) => {
        if (!isTrusted(socket, first.config.tls)) socket.destroy();
      });
    },
  };
}

interface Loaded {
  readonly config: WebConfig;
  readonly context: SecureContextOptions | undefined;
}

function loaded(file: string): Loaded {
  const config = readWebConfig(file);
  const { tls } = config;
  if (tls === undefined) return { config, context: undefined };
  const context = {
    cert: readOrThrow(tls.certFile),
    key: readOrThrow(tls.keyFile),
    minVersion: tls.minVersion,
    ...(tls.clientCaFile === undefined ? {} : { ca: readOrThrow(tls.clientCaFile) }),
  };
  try {
    // A certificate that does not fit its key would end every handshake.
    createSecureContext(context);
  } catch {
    throw unusable(`${tls.certFile} and ${tls.keyFile} are no certificate and its key`);
  }
  return { config, context };
}

/** Who has to show a certificate is fixed at the start. */
function askingFor(tls: WebTls | undefined): TlsOptions {
  const type = tls?.clientAuth ?? 'NoClientCert';
  return {
    requestCert: type !== 'NoClientCert',
    rejectUnauthorized: type === 'RequireAndVerifyClientCert',
  };
}

/** What Node does not look at by itself. */
function isTrusted(socket: TLSSocket, tls: WebTls | undefined): boolean {
  const isShown = () => Object.keys(socket.getPeerCertificate()).length > 0;
  if (tls?.clientAuth === 'RequireAnyClientCert') return isShown();
  if (tls?.clientAuth === 'VerifyClientCertIfGiven') return socket.authorized || !isShown();
  return true;
}

function filesOf(file: string, { tls }: WebConfig): readonly string[] {
  const named = tls === undefined ? [] : [tls.certFile, tls.keyFile, tls.clientCaFile];
  return [file, ...named.filter((each) => each !== undefined)];
}

/** Changes when one of the files does, or when a link on the way leads elsewhere. */
function stampOf(files: readonly string[]): string {
  return files
    .map((path) => {
      const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
      return stats === undefined ? '-' : `${stats.dev} ${stats.ino} ${stats.mtimeNs} ${stats.size}`;
    })
    .join(', ');
}
