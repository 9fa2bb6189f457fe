import { isMapping } from '@lastgood/core/model/mapping.ts';
import type { Version, VersionFile } from '@lastgood/core/model/snapshot.ts';
import type { BundleVersion } from '../provider.ts';
import { SidecarFault } from './fault.ts';
import { invalid, isText, readJsonObject } from './read-json.ts';

const WHAT = 'the content of a version';

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
  if (!isMapping(file)) throw invalid(WHAT);
  const { path, mode, secret, content } = file;
  // A secret that is not marked as one would be shown (P8).
  if (!isText(path) || typeof mode !== 'number' || typeof secret !== 'boolean') throw invalid(WHAT);
  const bytes = typeof content === 'string' ? decode(content) : undefined;
  if (bytes === undefined)
    throw new SidecarFault(`the sidecar sent ${path}, whose content is not base64`);
  return { path, mode, bytes, secret };
}

/** Undefined if it is not base64 with its padding: a `Buffer` skips what is none, and is shorter then. */
function decode(text: string): Buffer | undefined {
  const [padding = ''] = /={0,2}$/.exec(text.slice(-2)) ?? [];
  const bytes = Buffer.from(text, 'base64');
  return bytes.length === (text.length / 4) * 3 - padding.length ? bytes : undefined;
}
