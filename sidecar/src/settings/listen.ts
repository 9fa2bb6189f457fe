import * as z from 'zod/mini';
import { text } from './values.ts';
import { must } from './wording.ts';

const LISTEN_PATTERN = /^(?:\[([0-9a-fA-F:.]+)\]|([^\s:/[\]]*)):([0-9]{1,5})$/;
const WRONG_LISTEN = must('be "host:port", "[IPv6]:port", ":port" or none');

// A union reports an issue that does not abort instead of its own message.
const { error: wrongPort } = must('have a port of at most 65535');

/** An empty host is every interface. */
export interface ListenSettings {
  readonly host: string;
  readonly port: number;
}

/** `host:port`, or `none`, which becomes undefined. */
export const listenAddress = z.pipe(
  z.union(
    [
      z.literal('none'),
      text(LISTEN_PATTERN, WRONG_LISTEN).check(
        z.refine((address) => parseListen(address).port <= 65535, { error: wrongPort }),
      ),
    ],
    WRONG_LISTEN,
  ),
  z.transform((address) => (address === 'none' ? undefined : parseListen(address))),
);

function parseListen(address: string): ListenSettings {
  const [, ipv6, name, port] = LISTEN_PATTERN.exec(address) ?? [];
  return { host: ipv6 ?? name ?? '', port: Number(port) };
}
