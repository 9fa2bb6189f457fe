import { issue } from '../../../sidecar/src/checks/certificates/certificate.testing.ts';
import type { Random } from '../../rollout/random.ts';
import { times } from './words.ts';

/** Blocks to make bundles of. */
export interface Blocks {
  readonly certificates: readonly string[];
  readonly keys: readonly string[];
}

/** An authority and what it issued, valid all through 2026. */
export async function makeBlocks(): Promise<Blocks> {
  const root = await issue({ name: 'root.example', ca: true });
  const leaf = await issue({ name: 'web.example', by: root });
  const key = leaf.keys.privateKey.export({ type: 'sec1', format: 'pem' }).toString();
  return { certificates: [leaf.certificate, root.certificate], keys: [leaf.key, key] };
}

/** A bundle of certificates, perhaps with text between them, or one in DER. */
export function pemFile(random: Random, { certificates, keys }: Blocks): string | Buffer {
  if (random.chance(0.1)) return derOf(random.pick([...certificates, ...keys]));
  const blocks = times(random, 3, () => random.pick(certificates));
  const between = random.pick([
    '',
    '',
    '\n',
    '# issuer: root\n',
    'Bag Attributes\n    friendlyName: web\n',
    'subject=CN = web\n',
  ]);
  const leaf = certificates.slice(0, 1);
  const all = random.chance(0.2) ? [...leaf, ...blocks.slice(0, 1), random.pick(keys)] : blocks;
  const text = all.map((block) => between + block).join('');
  return random.chance(0.2) ? oddly(random, text) : text;
}

function derOf(pem: string): Buffer {
  return Buffer.from(pem.replaceAll(/-----[^-]*-----/g, ''), 'base64');
}

function oddly(random: Random, text: string): string {
  const kinds: readonly (() => string)[] = [
    () => text.replaceAll(/^/gm, '  '),
    () => text.replaceAll('\n', ' '),
    () => text.replaceAll('\n', '\\n'),
    () => text.trimEnd(),
    () => text.replaceAll(/(?<=[A-Za-z0-9+/])\n(?=[A-Za-z0-9+/])/g, ''),
    () => text.replaceAll('-----\n', '-----\n\n'),
    () => text.replaceAll('\n', '\n '),
    () => Buffer.from(text).toString('base64'),
    () => text.replaceAll('=', ''),
    () => text.replaceAll('CERTIFICATE', 'TRUSTED CERTIFICATE'),
    () => text.replaceAll('-----END', '----END'),
  ];
  return random.pick(kinds)();
}
