import { readFileSync } from 'node:fs';
import { validateHeaderValue } from 'node:http';
import { dirname, resolve } from 'node:path';
import { LastgoodError, reasonOf } from '@lastgood/core/model/error.ts';
import { formatFinding } from '@lastgood/core/model/finding.ts';
import { tryTo } from '@lastgood/core/model/try-to.ts';
import * as z from 'zod/mini';
import { parseDocument } from '../../settings/document.ts';

/**
 * The web configuration file of Prometheus exporters: TLS, passwords and headers. An unknown key is
 * refused, as it most likely restricts access.
 * Source: prometheus/exporter-toolkit docs/web-configuration.md.
 */
export interface WebConfig {
  readonly tls: WebTls | undefined;
  readonly headers: Readonly<Record<string, string>>;
  /** bcrypt hashes by user name; empty: no password is needed. */
  readonly users: Readonly<Record<string, string>>;
}

export type WebTls = ReturnType<typeof resolveTls>;

const TLS_VERSIONS = {
  TLS10: 'TLSv1',
  TLS11: 'TLSv1.1',
  TLS12: 'TLSv1.2',
  TLS13: 'TLSv1.3',
} as const;

const CLIENT_AUTH = [
  'NoClientCert',
  'RequestClientCert',
  'RequireAnyClientCert',
  'VerifyClientCertIfGiven',
  'RequireAndVerifyClientCert',
] as const;

/** The headers that the toolkit allows. */
const HEADERS = [
  'Content-Security-Policy',
  'X-Frame-Options',
  'X-Content-Type-Options',
  'X-XSS-Protection',
  'Strict-Transport-Security',
] as const;

const path = z.string().check(z.minLength(1));

const headerValue = z.string().check(z.refine(isHeaderValue));

const tlsSchema = z.strictObject({
  cert_file: path,
  key_file: path,
  client_ca_file: z.optional(z.string()),
  client_auth_type: z._default(z.enum(['', 'RequireClientCert', ...CLIENT_AUTH]), ''),
  min_version: z._default(z.enum(['TLS10', 'TLS11', 'TLS12', 'TLS13']), 'TLS12'),
});

const schema = z.strictObject({
  tls_server_config: z.nullish(tlsSchema),
  http_server_config: z.nullish(
    z.strictObject({
      /** Has no effect: the server speaks HTTP/1.1. */
      http2: z.optional(z.boolean()),
      headers: z.nullish(z.partialRecord(z.enum(HEADERS), headerValue)),
    }),
  ),
  basic_auth_users: z.nullish(
    z.record(z.string(), z.string().check(z.regex(/^\$2[aby]\$\d\d\$[./A-Za-z0-9]{53}$/))),
  ),
});

function isHeaderValue(value: string): boolean {
  return tryTo(() => validateHeaderValue('value', value) ?? true) ?? false;
}

const OPEN: WebConfig = { tls: undefined, headers: {}, users: {} };

/** Throws LG_SETTINGS_WEB_CONFIG, which quotes no value of the file (P8). */
export function readWebConfig(file: string): WebConfig {
  const bytes = readOrThrow(file, 'it');
  // A file that is empty, or only has comments, is valid and restricts nothing.
  const lines = bytes.toString('utf8').split('\n');
  if (lines.every((line) => /^\s*(?:#|$)/.test(line))) return OPEN;
  const parsed = parseDocument(file, bytes);
  if (!parsed.ok) throw unusable(parsed.findings.map(formatFinding).join('; '));
  const { document } = parsed;
  const checked = schema.safeParse(document.value ?? {});
  if (!checked.success) {
    const [issue] = checked.error.issues;
    const at = (issue?.path ?? []) as string[];
    const { line, column } = document.locate(at, 'value');
    throw unusable(`${file}:${line}:${column}: ${formatIssue(at, issue)}`);
  }
  const { tls_server_config: tls, http_server_config: http, basic_auth_users } = checked.data;
  return {
    tls: tls == null ? undefined : resolveTls(tls, file),
    headers: http?.headers ?? {},
    users: basic_auth_users ?? {},
  };
}

function resolveTls(tls: z.output<typeof tlsSchema>, file: string) {
  const inDirectory = (name: string) => resolve(dirname(file), name);
  const { client_auth_type: type, client_ca_file: ca } = tls;
  const named = type === 'RequireClientCert' ? 'RequireAnyClientCert' : type;
  const clientAuth = named === '' ? 'NoClientCert' : named;
  if (ca && clientAuth === 'NoClientCert')
    throw unusable('client_ca_file also needs a client_auth_type');
  if (!ca && /Verify/.test(clientAuth))
    throw unusable(`client_auth_type ${clientAuth} also needs a client_ca_file`);
  return {
    certFile: inDirectory(tls.cert_file),
    keyFile: inDirectory(tls.key_file),
    clientCaFile: ca ? inDirectory(ca) : undefined,
    clientAuth,
    minVersion: TLS_VERSIONS[tls.min_version],
  };
}

/**
 * Also for the files that the configuration names. The message shows no path, as people write a
 * credential where its file belongs (P8).
 */
export function readOrThrow(file: string, name: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw unusable(`${name} cannot be read: ${reasonOf(error)}`);
  }
}

export function unusable(why: string): LastgoodError {
  return new LastgoodError('LG_SETTINGS_WEB_CONFIG', [why]);
}

/** Not zod's own message, which may quote a hash. */
function formatIssue(at: readonly string[], issue: z.core.$ZodIssue | undefined): string {
  if (issue?.code === 'unrecognized_keys')
    return `${[...at, issue.keys[0]].join('.')} is not supported`;
  const isUser = at[0] === 'basic_auth_users' && at.length > 1;
  if (isUser) return 'a password of basic_auth_users is not a bcrypt hash';
  const isMissing = issue?.code === 'invalid_type' && issue.input === undefined;
  return `${at.join('.') || 'the file'} ${isMissing ? 'is missing or has the wrong type' : 'has an invalid value'}`;
}
