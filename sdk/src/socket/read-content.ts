import type { Version, VersionFile } from '@lastgood/core/model/snapshot.ts';
import type { BundleVersion } from '../provider.ts';
import { SidecarFault } from './fault.ts';
import { invalid, isObject, isText, readJsonObject } from './read-json.ts';

const WHAT = 'the content of a version';

/** Characters of base64, with the padding that makes its length a multiple of four. */
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

/** The files of the version `asked`. Throws a `SidecarFault` if the text has anything else. */
export function readContent(text: string, asked: Version): BundleVersion {
  const { version, files } = readJsonObject(text, WHAT);
  if (version !== asked)
    throw new SidecarFault(`the sidecar sent another version instead of ${asked}`);
  if (!Array.isArray(files)) throw invalid(WHAT);
  const read = files.map(readFile);
  if (new Set(read.map(({ path }) => path)).size < read.length)
    throw new SidecarFault('the sidecar sent a file twice');
  return { version, files: read };
}

function readFile(file: unknown): VersionFile {
  if (!isObject(file)) throw invalid(WHAT);
  const { path, mode, secret, content } = file;
  // A secret that is not marked as one would be shown (P8).
  if (!isText(path) || typeof mode !== 'number' || typeof secret !== 'boolean') throw invalid(WHAT);
  if (typeof content !== 'string' || content.length % 4 !== 0 || !BASE64.test(content))
    throw new SidecarFault(`the sidecar sent ${path}, whose content is not base64`);
  return { path, mode, bytes: Buffer.from(content, 'base64'), secret };
}
