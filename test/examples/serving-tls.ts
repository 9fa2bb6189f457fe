import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { issue } from '../../sidecar/src/checks/certificates/certificate.testing.ts';

/**
 * Copies the example `serving-tls` and puts certificates and keys into it, made for this run:
 * the repository contains no private key. The README of the example describes each folder.
 */
export async function makeServingTls(example: string, into: string): Promise<void> {
  cpSync(example, into, { recursive: true });
  const put = (folder: string, files: Readonly<Record<string, string>>) => {
    mkdirSync(join(into, folder), { recursive: true });
    for (const [name, text] of Object.entries(files)) writeFileSync(join(into, folder, name), text);
  };
  const authority = await issue({ name: 'serving authority', ca: true });
  const name = 'ticket-router.serving.svc';
  const leaf = await issue({ name, by: authority });
  const renewed = await issue({ name, by: authority });
  const expired = await issue({ name, by: authority, keys: leaf.keys, to: '2026-05-29T12:00:00Z' });
  const early = await issue({ name, by: authority, keys: leaf.keys, from: '2026-07-01T00:00:00Z' });
  const ending = await issue({ name, by: authority, keys: leaf.keys, to: '2026-06-04T12:00:00Z' });
  const chain = leaf.certificate + authority.certificate;
  put('good', { 'tls.crt': chain, 'tls.key': leaf.key });
  put('changed/renewed', {
    'tls.crt': renewed.certificate + authority.certificate,
    'tls.key': renewed.key,
  });
  put('broken/half-renewed', { 'tls.crt': renewed.certificate + authority.certificate });
  put('broken/expired', { 'tls.crt': expired.certificate + authority.certificate });
  put('broken/ending', { 'tls.crt': ending.certificate + authority.certificate });
  put('broken/not-yet-valid', { 'tls.crt': early.certificate + authority.certificate });
  put('broken/chain-upside-down', { 'tls.crt': authority.certificate + leaf.certificate });
  put('broken/truncated', { 'tls.crt': chain.slice(0, -40) });
  put('broken/swapped', { 'tls.crt': leaf.key, 'tls.key': chain });
  put('broken/encoded-twice', { 'tls.key': Buffer.from(leaf.key).toString('base64') });
}
