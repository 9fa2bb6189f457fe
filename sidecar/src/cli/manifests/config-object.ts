import { createHash } from 'node:crypto';
import { findingOf, warningOf } from '@lastgood/core/model/error.ts';
import type { Finding, Location } from '@lastgood/core/model/finding.ts';
import { isMapping } from '@lastgood/core/model/mapping.ts';
import type { SnapshotFile } from '@lastgood/core/model/snapshot.ts';
import {
  DATA_FIELDS,
  type Encoding,
  findingsOfFields,
  findingsOfKeys,
  kindOf,
  type ManifestText,
  readDataEntries,
} from './data-entries.ts';
import type { LiteralBlock } from './literal-blocks.ts';
import type { ManifestObject } from './objects.ts';
import { findingsOfType } from './secret-types.ts';

/** A ConfigMap or a Secret: the files that a pod would see, and the findings about the object. */
export interface ConfigObject {
  readonly object: ManifestObject;
  readonly secret: boolean;
  /** Its values are encrypted by sops, so there is nothing to check. */
  readonly encrypted: boolean;
  /** All of its keys, also those whose value cannot be read. */
  readonly keys: readonly string[];
  readonly files: readonly ContentFile[];
  readonly findings: readonly Finding[];
}

/** A key as a file, and the place of its value in the manifest. */
export interface ContentFile {
  readonly file: SnapshotFile;
  readonly location: Required<Location>;
  /** Undefined if the lines of the content are not lines of the manifest. */
  readonly block: LiteralBlock | undefined;
}

/** Where a place in the file is in the manifest. Undefined if its lines are not lines of the manifest. */
export function placeInManifest(
  { block, location: { file } }: ContentFile,
  { line, column }: Location,
): Required<Location> | undefined {
  if (block === undefined || line === undefined || column === undefined) return undefined;
  return { file, ...block.positionOf({ line, column }) };
}

/** The limit for all values of one object. Source: Kubernetes pkg/apis/core, MaxSecretSize. */
const MAX_OBJECT_BYTES = 2 ** 20;

const WARN_FROM = 0.8;

export function isConfigObject({ apiVersion, kind }: ManifestObject): boolean {
  return apiVersion === 'v1' && Object.hasOwn(DATA_FIELDS, kind);
}

/** Reads a ConfigMap or a Secret as the kubelet would write it to a volume. */
export function readConfigObject(object: ManifestObject, text: ManifestText): ConfigObject {
  const secret = object.kind === 'Secret';
  const entries = readDataEntries(object, text);
  const known = { object, secret, keys: entries.map(({ key }) => key) };
  // The tool that applies it decrypts it: until then, all values are ciphertext.
  if (isMapping(object.value.sops)) return { ...known, encrypted: true, files: [], findings: [] };
  const files = new Map<string, ContentFile>();
  const findings = [...findingsOfFields(object), ...findingsOfKeys(entries)];
  for (const { key, value, field, encoding, keyLocation, location } of entries) {
    const bytes = bytesOf(value, encoding, `${field}.${key}`);
    if (!Buffer.isBuffer(bytes)) {
      findings.push({ ...bytes, location });
      continue;
    }
    const block = encoding === 'text' ? text.blockAt(keyLocation) : undefined;
    files.set(key, { file: fileOf(key, bytes, secret), location, block });
  }
  const all = [...files.values()];
  const more = [...findingsOfObject(object, all, text), ...findingsOfType(object, known.keys)];
  return { ...known, encrypted: false, files: all, findings: [...findings, ...more] };
}

function bytesOf(value: unknown, encoding: Encoding, shown: string): Buffer | Finding {
  if (value === null) return Buffer.alloc(0);
  if (typeof value !== 'string') return findingOf('LG_MANIFEST_VALUE', [shown, kindOf(value)]);
  if (encoding === 'text') return Buffer.from(value);
  const compact = value.replaceAll(/[\r\n]/g, '');
  // With padding, as Go requires it; Node itself would skip invalid characters.
  const isBase64 = compact.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(compact);
  if (!isBase64) return findingOf('LG_MANIFEST_BASE64', [shown]);
  return Buffer.from(compact, 'base64');
}

/** A file as the kubelet would write it. */
export function fileOf(path: string, bytes: Buffer, secret: boolean): SnapshotFile {
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return { path, mode: 0o644, bytes, sha256, secret };
}

function findingsOfObject(
  object: ManifestObject,
  files: readonly ContentFile[],
  { kubectlValueAt }: ManifestText,
): Finding[] {
  const findings: Finding[] = [];
  const sizeBytes = files.reduce((sum, { file }) => sum + file.bytes.length, 0);
  if (sizeBytes > MAX_OBJECT_BYTES * WARN_FROM) {
    const create = sizeBytes > MAX_OBJECT_BYTES ? findingOf : warningOf;
    const percent = Math.floor((100 * sizeBytes) / MAX_OBJECT_BYTES);
    const args = [sizeBytes, MAX_OBJECT_BYTES, percent];
    findings.push(create('LG_MANIFEST_SIZE', args, object.locate(['metadata', 'name'])));
  }
  const isImmutable = object.value.immutable === true;
  if (isImmutable || kubectlValueAt(object.locate(['immutable'])) === true)
    findings.push(warningOf('LG_MANIFEST_IMMUTABLE', [], object.locate(['immutable'])));
  return findings;
}
