import { createHash } from 'node:crypto';
import { findingOf, warningOf } from '@lastgood/core/model/error.ts';
import type { Finding, Location } from '@lastgood/core/model/finding.ts';
import { isMapping } from '@lastgood/core/model/mapping.ts';
import type { SnapshotFile } from '@lastgood/core/model/snapshot.ts';
import type { BlockAt, LiteralBlock } from './literal-blocks.ts';
import type { ManifestObject } from './objects.ts';

/** A ConfigMap or a Secret: the files that a pod would see, and the findings about the object. */
export interface ConfigObject {
  readonly object: ManifestObject;
  readonly secret: boolean;
  readonly files: readonly ContentFile[];
  readonly findings: readonly Finding[];
}

/** A key as a file, and the place of its value in the manifest. */
interface ContentFile {
  readonly file: SnapshotFile;
  readonly location: Required<Location>;
  /** Undefined if the lines of the content are not lines of the manifest. */
  readonly block: LiteralBlock | undefined;
}

/** The limit for all values of one object. Source: Kubernetes pkg/apis/core, MaxSecretSize. */
const MAX_OBJECT_BYTES = 2 ** 20;

const WARN_FROM = 0.8;

type Encoding = 'text' | 'base64';

/** A key in two fields has the value of the later one, as for the API server. */
const FIELDS: Readonly<Record<string, Readonly<Record<string, Encoding>>>> = {
  ConfigMap: { data: 'text', binaryData: 'base64' },
  Secret: { data: 'base64', stringData: 'text' },
};

export function isConfigObject({ apiVersion, kind }: ManifestObject): boolean {
  return apiVersion === 'v1' && Object.hasOwn(FIELDS, kind);
}

/** Reads a ConfigMap or a Secret as the kubelet would write it to a volume. */
export function readConfigObject(object: ManifestObject, blockAt: BlockAt): ConfigObject {
  const secret = object.kind === 'Secret';
  const files = new Map<string, ContentFile>();
  const findings: Finding[] = [];
  for (const [name, encoding] of Object.entries(FIELDS[object.kind] ?? {})) {
    const entries = object.value[name];
    for (const [key, value] of Object.entries(isMapping(entries) ? entries : {})) {
      const location = object.locate([name, key]);
      const bytes = bytesOf(value, encoding, `${name}.${key}`);
      if (!Buffer.isBuffer(bytes)) {
        findings.push({ ...bytes, location });
        continue;
      }
      const block = encoding === 'text' ? blockAt(object.locate([name, key], 'key')) : undefined;
      files.set(key, { file: fileOf(key, bytes, secret), location, block });
    }
  }
  const all = [...files.values()];
  return { object, secret, files: all, findings: [...findings, ...findingsOf(object, all)] };
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

/** Never the value itself, which may be a secret (P8). */
function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'a mapping' : `a ${typeof value}`;
}

/** A file as the kubelet would write it. */
export function fileOf(path: string, bytes: Buffer, secret: boolean): SnapshotFile {
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return { path, mode: 0o644, bytes, sha256, secret };
}

function findingsOf(object: ManifestObject, files: readonly ContentFile[]): Finding[] {
  const findings: Finding[] = [];
  const sizeBytes = files.reduce((sum, { file }) => sum + file.bytes.length, 0);
  if (sizeBytes > MAX_OBJECT_BYTES * WARN_FROM) {
    const create = sizeBytes > MAX_OBJECT_BYTES ? findingOf : warningOf;
    const percent = Math.floor((100 * sizeBytes) / MAX_OBJECT_BYTES);
    const args = [sizeBytes, MAX_OBJECT_BYTES, percent];
    findings.push(create('LG_MANIFEST_SIZE', args, object.locate(['metadata', 'name'])));
  }
  if (object.value.immutable === true)
    findings.push(warningOf('LG_MANIFEST_IMMUTABLE', [], object.locate(['immutable'])));
  return findings;
}
