import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Manifest } from './workspace.ts';

/** The data of a Secret of type kubernetes.io/tls. */
export type KeyPair = Readonly<Record<'tls.crt' | 'tls.key', string>>;

/** A key, and a certificate with this common name. */
export function makeKeyPair(name: string): KeyPair {
  const dir = mkdtempSync(join(tmpdir(), 'lastgood-pair-'));
  try {
    const [certificate, key] = [join(dir, 'tls.crt'), join(dir, 'tls.key')];
    const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    const files = ['-keyout', key, '-out', certificate];
    const subject = ['-subj', `/CN=${name}`, '-days', '30'];
    execFileSync('openssl', ['req', '-x509', ...curve, ...files, ...subject], { stdio: 'pipe' });
    return { 'tls.crt': readFileSync(certificate, 'utf8'), 'tls.key': readFileSync(key, 'utf8') };
  } finally {
    rmSync(dir, { recursive: true });
  }
}

export function makeTlsSecret(name: string, pair: KeyPair): Manifest {
  const type = 'kubernetes.io/tls';
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name }, type, stringData: pair };
}
