import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Document } from '@lastgood/core/formats/format.ts';
import { findingOf, reasonOf } from '@lastgood/core/model/error.ts';
import type { Finding, Location } from '@lastgood/core/model/finding.ts';
import { isMapping, type Mapping } from '@lastgood/core/model/mapping.ts';
import { type Pointer, valueAt } from '@lastgood/core/model/pointer.ts';
import { parseDocument } from '../../settings/document.ts';
import { itemsAt, textAt } from '../manifests/objects.ts';

/** The file of `--settings`. */
export interface OwnSettings {
  readonly document: Mapping;
  /** The schemas beside it, by name. */
  readonly files: Readonly<Record<string, string>>;
  /** The place of what it sets in the settings of a pod. Undefined: that is from inject. */
  locate(settings: unknown, pointer: Pointer): Location | undefined;
}

/** Reads the file of `--settings`, and the schemas that it names. */
export async function readOwnSettings(
  path: string,
): Promise<OwnSettings | { readonly findings: readonly Finding[] }> {
  const bytes = await read(path);
  if (!Buffer.isBuffer(bytes)) return { findings: [bytes] };
  const parsed = parseDocument(path, bytes);
  if (!parsed.ok) return parsed;
  const { document } = parsed;
  const locate = (pointer: Pointer) => ({ file: path, ...document.locate(pointer, 'value') });
  const { value } = document;
  const wrong = isMapping(value) ? reservedKeys(value) : [[]];
  if (!isMapping(value) || wrong.length > 0) {
    const reasonFor = (at: Pointer) =>
      at.length === 0 ? 'the file has no settings' : `inject sets ${String(at.at(-1))} itself`;
    const findings = wrong.map((at) =>
      findingOf('LG_INJECT_SETTINGS', [reasonFor(at)], locate(at)),
    );
    return { findings };
  }
  const schemas = await readSchemas(path, document);
  const findings = Object.values(schemas).filter((each) => typeof each !== 'string');
  if (findings.length > 0) return { findings };
  return {
    document: value,
    files: schemas as Record<string, string>,
    locate: (settings, pointer) => {
      const own = ownPointer(value, settings, pointer);
      return valueAt(value, own) === undefined ? undefined : locate(own);
    },
  };
}

async function read(path: string): Promise<Buffer | Finding> {
  try {
    return await readFile(path);
  } catch (thrown) {
    return findingOf('LG_INPUT_UNREADABLE', [reasonOf(thrown)], { file: path });
  }
}

/** What must agree with the container and the volumes of the pod. */
const RESERVED = ['listen', 'stateDir', 'runDir'];
const RESERVED_OF_BUNDLE = ['publish', 'mountedAt'];

function reservedKeys(document: Mapping): readonly Pointer[] {
  const ofBundles = itemsAt(document, ['bundles']).flatMap(({ pointer }) => [
    ...RESERVED_OF_BUNDLE.map((key) => [...pointer, key]),
    ...itemsAt(document, [...pointer, 'volumes']).map((volume) => [...volume.pointer, 'path']),
  ]);
  const all = [...RESERVED.map((key) => [key]), ...ofBundles];
  return all.filter((at) => valueAt(document, at) !== undefined);
}

/** Relative paths of schemas start at the settings file, in the pod too: there they are in its ConfigMap. */
async function readSchemas(
  path: string,
  { value, locate }: Document,
): Promise<Readonly<Record<string, string | Finding>>> {
  const checks = itemsAt(value, ['bundles']).flatMap(({ pointer }) =>
    itemsAt(value, [...pointer, 'validate']),
  );
  const read: Record<string, string | Finding> = {};
  for (const { value: check, pointer } of checks) {
    const schema = textAt(check, ['schema']);
    if (schema === undefined || schema.startsWith('/')) continue;
    const name = schema.replace(/^\.\//, '');
    const place = { file: path, ...locate([...pointer, 'schema'], 'value') };
    read[name] =
      name === basename(name)
        ? await readSchema(join(dirname(path), name), place)
        : findingOf('LG_INJECT_SETTINGS', [`the schema ${name} is in another directory`], place);
  }
  return read;
}

async function readSchema(path: string, place: Location): Promise<string | Finding> {
  try {
    return await readFile(path, 'utf8');
  } catch (thrown) {
    return findingOf('LG_INPUT_UNREADABLE', [`${basename(path)}: ${reasonOf(thrown)}`], place);
  }
}

/** Bundles are told apart by their names. */
function ownPointer(own: Mapping, settings: unknown, pointer: Pointer): Pointer {
  const [top, index, ...inside] = pointer;
  if (top !== 'bundles' || index === undefined) return pointer;
  const name = valueAt(settings, ['bundles', index, 'name']);
  const found = itemsAt(own, ['bundles']).findIndex(
    (bundle) => valueAt(bundle.value, ['name']) === name,
  );
  return ['bundles', found, ...inside];
}

/** The bundle of `--settings` for a volume. */
export function ownBundle(own: OwnSettings | undefined, name: string): Mapping {
  const bundles = itemsAt(own?.document, ['bundles']).map(({ value }) => value);
  return bundles.filter(isMapping).find((bundle) => bundle.name === name) ?? {};
}

export function ownBundleNames(own: OwnSettings | undefined): readonly string[] {
  return itemsAt(own?.document, ['bundles']).flatMap(({ value }) => textAt(value, ['name']) ?? []);
}

/** The settings that inject makes with those of the file, which win: as a whole, except for mappings. */
export function addOwnSettings(settings: Mapping, own: OwnSettings | undefined): Mapping {
  if (own === undefined) return settings;
  const { bundles: _, ...others } = own.document;
  const bundles = itemsAt(settings, ['bundles']).map(({ value, pointer }) => {
    const { volumes, ...added } = ownBundle(own, String(valueAt(value, ['name'])));
    const merged = overlay(value as Mapping, added);
    // Each bundle of inject has one volume.
    const [options] = Array.isArray(volumes) ? volumes : [];
    if (!isMapping(options)) return merged;
    const volume = valueAt(settings, [...pointer, 'volumes', 0]) as Mapping;
    return { ...merged, volumes: [overlay(volume, options)] };
  });
  return { ...overlay(settings, others), bundles };
}

function overlay(base: Mapping, own: Mapping): Mapping {
  const entries = Object.entries(own).map(([key, value]) => {
    const before = base[key];
    return [key, isMapping(before) && isMapping(value) ? overlay(before, value) : value];
  });
  return { ...base, ...Object.fromEntries(entries) };
}
