import { load } from 'js-yaml';
import { EXAMPLE, exampleFile } from '../../demo/pod.ts';
import { buildKustomization, type Manifest } from './workspace.ts';

/** The example of the inference server, with other content of its ConfigMaps. */
export function makeExample(config: string, settings?: (settings: Manifest) => void): Manifest[] {
  const objects = [...buildKustomization(EXAMPLE)];
  objectOf(objects, 'ConfigMap', 'model-config').data = { 'config.yaml': config };
  if (settings !== undefined) {
    const changed = load(exampleFile('lastgood.yaml')) as Manifest;
    settings(changed);
    objectOf(objects, 'ConfigMap', 'lastgood-settings').data['lastgood.yaml'] =
      JSON.stringify(changed);
  }
  return objects;
}

export function objectOf(objects: readonly Manifest[], kind: string, name: string): Manifest {
  const found = objects.find((each) => each.kind === kind && each.metadata.name === name);
  if (found === undefined) throw new Error(`there is no ${kind} ${name}`);
  return found;
}
