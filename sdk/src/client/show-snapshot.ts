import type { BundleSnapshot } from '../config.ts';
import type { BundleVersion } from '../provider.ts';

/** The files of a version. The bytes are copies: what one reader writes, no other sees. */
export function showSnapshot({ version, files }: BundleVersion): BundleSnapshot {
  const find = (path: string) => files.find((file) => file.path === path)?.bytes;
  return Object.freeze({
    version,
    files: Object.freeze(files.map(({ path, secret }) => Object.freeze({ path, secret }))),
    bytes: (path: string) => {
      const found = find(path);
      return found === undefined ? undefined : Uint8Array.from(found);
    },
    text: (path: string) => find(path)?.toString('utf8'),
  });
}
