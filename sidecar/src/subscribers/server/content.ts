import type { BundleContent } from '@lastgood/core/model/sdk-protocol.ts';
import type { Snapshot, SnapshotFile } from '@lastgood/core/model/snapshot.ts';

/** Encoded at a time: a multiple of 3, so that base64 has no padding in the middle. */
const CHUNK_BYTES = 48 * 2 ** 10;

/** Bodies that a response may still hold; the same content is not encoded for each subscriber. */
const bodies = new WeakMap<Snapshot, WeakRef<Buffer>>();

/** The JSON of a `BundleContent`. All responses with a snapshot share it while one of them is sent. */
export function contentOf(bundle: string, snapshot: Snapshot): Buffer {
  const known = bodies.get(snapshot)?.deref();
  if (known !== undefined) return known;
  const body = encode(bundle, snapshot);
  bodies.set(snapshot, new WeakRef(body));
  return body;
}

/** Writes into one buffer: as a string, a large content would be in memory several times. */
function encode(bundle: string, { version, files }: Snapshot): Buffer {
  const head = { bundle, version, files: [] } satisfies BundleContent;
  const heads = files.map(headOf);
  const start = JSON.stringify(head).slice(0, -2);
  const commas = Math.max(0, files.length - 1);
  const length =
    heads.reduce((sum, text) => sum + Buffer.byteLength(text) + 2, start.length + 3 + commas) +
    files.reduce((sum, { bytes }) => sum + 4 * Math.ceil(bytes.length / 3), 0);
  const body = Buffer.allocUnsafeSlow(length);
  let end = body.write(start);
  for (const [index, { bytes }] of files.entries()) {
    end += body.write(`${index === 0 ? '' : ','}${heads[index]}`, end);
    for (let from = 0; from < bytes.length; from += CHUNK_BYTES)
      end += body.write(bytes.toString('base64', from, from + CHUNK_BYTES), end, 'latin1');
    end += body.write('"}', end);
  }
  body.write(']}\n', end);
  return body;
}

/** The JSON of a file up to its content. */
function headOf({ path, mode, secret }: SnapshotFile): string {
  const file = { path, mode, secret, content: '' } satisfies BundleContent['files'][number];
  return JSON.stringify(file).slice(0, -2);
}
