import type { Position } from '@lastgood/core/formats/format.ts';
import { json } from '@lastgood/core/formats/json.ts';
import { yaml } from '@lastgood/core/formats/yaml.ts';
import { formatFinding } from '@lastgood/core/model/finding.ts';
import { findingsOfConfig } from './config-findings.ts';
import type { ConfigObject } from './config-object.ts';
import { type Manifests, readManifests } from './manifests.ts';
import { findingsOfPod } from './pod-findings.ts';
import { podsOf } from './pods.ts';
import { readTools } from './tools.ts';

/** The manifests of a text that has some. */
export function manifestsIn(text: string, format = yaml): Manifests {
  const manifests = readManifests('m.yaml', text, format);
  if (manifests === undefined) throw new Error(`no manifests in ${text}`);
  return manifests;
}

export function manifestsInJson(value: unknown, space?: string): Manifests {
  return manifestsIn(JSON.stringify(value, null, space), json);
}

/** The only ConfigMap or Secret of a text. */
export function configIn(text: string): ConfigObject {
  const [config, ...others] = manifestsIn(text).configs;
  if (config === undefined || others.length > 0) throw new Error(`not one object in ${text}`);
  return config;
}

/** The files' texts by key. */
export function textsOf({ files }: ConfigObject): Record<string, string> {
  return Object.fromEntries(files.map(({ file }) => [file.path, file.bytes.toString()]));
}

/** The place in the manifest of a place in a key's content, if the lines of both are the same. */
export function placeOf({ files }: ConfigObject, key: string, inside: Position): string {
  const content = files.find(({ file }) => file.path === key);
  const position = content?.block?.positionOf(inside);
  return position === undefined ? 'elsewhere' : `${position.line}:${position.column}`;
}

/** The findings about whole objects and about pods. */
export function saidOf(text: string): string[] {
  const manifests = manifestsIn(text);
  const { configs, objects } = manifests;
  const pods = podsOf(manifests);
  const around = { configs, pods, tools: readTools(objects) };
  return [
    ...configs.flatMap((config) => findingsOfConfig(config, around)),
    ...pods.flatMap((pod) => findingsOfPod(pod, around)),
  ].map((finding) => `${finding.severity} ${formatFinding(finding)}`);
}
