import { isDeepStrictEqual } from 'node:util';
import { yaml } from '@lastgood/core/formats/yaml.ts';
import { isMapping, type Mapping } from '@lastgood/core/model/mapping.ts';
import { dump } from 'js-yaml';
import { SETTINGS_FILE } from './sidecar-container.ts';

/** A value as inject wrote it, as a person left it, and as inject writes it now. */
export interface Versions {
  readonly written: unknown;
  readonly edited: unknown;
  readonly next: unknown;
}

/**
 * What inject writes now, with the edits of a person, which win. Lists are merged if their items have names;
 * else an edited list stays as it is.
 *
 * @param kept - gets the names of the keys whose edits were kept
 */
export function mergeEdits(versions: Versions, at: readonly string[], kept: string[]): unknown {
  const { written, edited, next } = versions;
  if (isDeepStrictEqual(edited, written)) return next;
  if (isDeepStrictEqual(edited, next)) return next;
  const all = [written, edited, next];
  if (all.every(isMapping))
    return mergeMappings(versions as Record<keyof Versions, Mapping>, at, kept);
  const lists = all.map(itemsByName);
  if (lists.every((each) => each !== undefined)) {
    const [ofWritten, ofEdited, ofNext] = lists as [Mapping, Mapping, Mapping];
    const merged = { written: ofWritten, edited: ofEdited, next: ofNext };
    return Object.values(mergeMappings(merged, at, kept));
  }
  if (at.at(-1) === SETTINGS_FILE) return mergeSettings(versions, SETTINGS_FILE, kept);
  kept.push(at.join('.'));
  return edited;
}

/** Keeps the text of the person, with its comments, unless inject has something to change in it. */
function mergeSettings({ written, edited, next }: Versions, at: string, kept: string[]): unknown {
  const [before, current, after] = [written, edited, next].map(parseSettings);
  const own: string[] = [];
  const merged = mergeEdits({ written: before, edited: current, next: after }, [], own);
  kept.push(...own.map((key) => `${at}${key === '' ? '' : `: ${key}`}`));
  if (isDeepStrictEqual(merged, current)) return edited;
  return dump(merged, { lineWidth: -1, noRefs: true });
}

/** Undefined if it is not YAML. */
function parseSettings(text: unknown): unknown {
  const parsed = typeof text === 'string' ? yaml.parse(text) : undefined;
  return parsed?.ok && parsed.documents.length === 1 ? parsed.documents[0]?.value : undefined;
}

function mergeMappings(
  { written, edited, next }: Record<keyof Versions, Mapping>,
  at: readonly string[],
  kept: string[],
): Mapping {
  const keys = new Set([...Object.keys(edited), ...Object.keys(next)]);
  const entries = [...keys].map((key) => {
    const own = { written: written[key], edited: edited[key], next: next[key] };
    return [key, mergeEdits(own, [...at, key], kept)] as const;
  });
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

/** What tells items of Kubernetes' lists, and bundles, apart. */
const NAMES = ['mountPath', 'name'] as const;

/** Undefined if it is not a list in which each item has another name. */
function itemsByName(list: unknown): Mapping | undefined {
  if (!Array.isArray(list) || !list.every(isMapping)) return undefined;
  const key = NAMES.find((name) => list.every((item) => typeof item[name] === 'string'));
  if (key === undefined) return undefined;
  const items = new Map(list.map((item) => [item[key] as string, item]));
  return items.size === list.length ? Object.fromEntries(items) : undefined;
}
