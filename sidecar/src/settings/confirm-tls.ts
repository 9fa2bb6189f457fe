import { isIP, isIPv6 } from 'node:net';
import { includesFile } from '@lastgood/core/fs/globs.ts';
import type { VolumeSettings } from '@lastgood/core/model/volume-settings.ts';
import * as z from 'zod/mini';
import { either, key, mapping, optional, type Report } from './mapping.ts';
import { duration, insidePath, listOf, text } from './values.ts';
import { must } from './wording.ts';

const ADDRESS = /^(?:\[([0-9a-fA-F:.]+)\]|([^\s:/@[\]]+)):([0-9]{1,5})$/;

const BE_ADDRESS = 'be "host:port" or "[IPv6]:port"';

/** `host:port` or `[IPv6]:port`. */
const serverAddress = z.pipe(
  text(ADDRESS, must(BE_ADDRESS)).check(
    z.refine(
      (address) => !address.startsWith('[') || isIPv6(parseAddress(address).host),
      must(BE_ADDRESS),
    ),
    z.refine((address) => isPort(parseAddress(address).port), must('have a port from 1 to 65535')),
  ),
  z.transform(parseAddress),
);

function parseAddress(address: string) {
  const [, ipv6, name = '', port] = ADDRESS.exec(address) ?? [];
  return { host: ipv6 ?? name, port: Number(port) };
}

function isPort(port: number): boolean {
  return port >= 1 && port <= 65_535;
}

/** Source: RFC 6066, section 3: a server name is not an address. */
const serverName = text(
  /^[\w-]+(?:\.[\w-]+)*$/,
  must('be the name of a host, without wildcard and port'),
).check(
  z.refine((name) => isIP(name) === 0, must('be a name; an IP address is never a server name')),
);

const handshake = mapping(
  {
    address: key('Where the app serves TLS: host:port or [IPv6]:port.', serverAddress),
    file: key('Path of the certificate file inside the snapshot.', insidePath),
    serverName: optional(
      'Name to ask the server for (SNI); default: the first name in the certificate.',
      serverName,
    ),
    startTls: optional(
      'Protocol of a server that starts TLS on request: `postgres`.',
      z.enum(['postgres']),
    ),
    timeout: key('Deadline of one handshake (5s, 1m).', duration(1), '5s'),
  },
  ({ address, timeout, ...settings }) => ({ ...settings, ...address, timeoutMs: timeout }),
);

/** One handshake, or a list of them. */
export const tlsProbeSchema = either(Array.isArray, listOf(handshake, 1), handshake);

export type TlsProbeSettings = z.output<typeof handshake>;

/** The handshakes as a list. Reports a file that no volume of the bundle can have. */
export function resolveTls(
  tls: TlsProbeSettings | readonly TlsProbeSettings[] | undefined,
  volumes: readonly VolumeSettings[],
  report: Report,
): readonly TlsProbeSettings[] {
  const all: readonly TlsProbeSettings[] = [tls ?? []].flat();
  for (const [index, { file }] of all.entries())
    if (!volumes.some((volume) => mayCapture(volume, file)))
      report([...(Array.isArray(tls) ? [index] : []), 'file'], NOT_CAPTURED);
  return all;
}

const NOT_CAPTURED =
  'must be a file of the bundle: no volume has it there, or `include` or `exclude` leaves it out';

function mayCapture({ at, ...volume }: VolumeSettings, path: string): boolean {
  if (at === '.') return includesFile(volume, path);
  return path.startsWith(`${at}/`) && includesFile(volume, path.slice(at.length + 1));
}
