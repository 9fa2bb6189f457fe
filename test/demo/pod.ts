import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createKubelet } from '../kubelet/kubelet.ts';
import { type Manifest, parseManifest } from '../kubelet/manifest.ts';
import { type ConfigObject, objectKey } from '../kubelet/manifest-shapes.ts';
import { DemoFailure } from './failure.ts';
import type { Volumes } from './volumes.ts';

/** The example that the demo runs; its files are used as they are. */
export const EXAMPLE = fileURLToPath(import.meta.resolve('../../examples/inference-server'));

/** Reads a file of the example. */
export function exampleFile(name: string): string {
  return readFileSync(join(EXAMPLE, name), 'utf8');
}

/** The program of the example app. */
export const APP = join(EXAMPLE, 'main.ts');

/** How long the demo's probation lasts; the 5 s of the example would only slow it down. */
export const HOLD_MS = 500;

/** The pod of the example without its containers: a kubelet that keeps its volumes up to date. */
export interface Pod {
  readonly volumes: Volumes;
  /**
   * Sets the ConfigMap `model-config`, and resolves when the kubelet has brought it to the volume:
   * with the moment of the swap, or undefined when the content is the same.
   */
  configure(files: Readonly<Record<string, string>>): Promise<number | undefined>;
}

/** Makes the volumes under `root`, with lastgood's settings for an app on `appPort`. */
export function createPod(root: string, appPort: number): Pod {
  const manifest = parseManifest(exampleFile('pod.yaml'), 'pod.yaml');
  const pod = manifest.pods[0]?.name ?? '';
  let swappedAtMs: number | undefined;
  const kubelet = createKubelet({
    root,
    onStep: (step, { volume }) => {
      // The step that comes right after the swap.
      if (step === 'link-names' && volume === 'source') swappedAtMs = performance.now();
    },
  });
  const dirOf = (volume: string) => kubelet.dirOf({ pod, volume });
  const volumes: Volumes = {
    settings: dirOf('settings'),
    source: dirOf('source'),
    live: dirOf('live'),
    state: dirOf('state'),
  };
  const settings = configMap('lastgood-settings', {
    'lastgood.yaml': settingsFor(volumes, appPort),
    'model.schema.json': exampleFile('model.schema.json'),
  });
  return {
    volumes,
    configure: async (files) => {
      swappedAtMs = undefined;
      await kubelet.apply(withObjects(manifest, [settings, configMap('model-config', files)]));
      return swappedAtMs;
    },
  };
}

/** The example's `lastgood.yaml` with the places and the port of this machine. */
function settingsFor(volumes: Volumes, appPort: number): string {
  const here: readonly (readonly [string, string])[] = [
    ['":9533"', '"127.0.0.1:0"'],
    ['/lastgood/state', volumes.state],
    ['/lastgood/source/model', volumes.source],
    ['/lastgood/live/model', volumes.live],
    ['mountedAt: /config', `mountedAt: ${volumes.live}`],
    ['localhost:8080', `127.0.0.1:${appPort}`],
    ['hold: 5s', `hold: ${HOLD_MS}ms`],
  ];
  return here.reduce((text, [there, local]) => {
    if (!text.includes(there)) throw new DemoFailure(`lastgood.yaml has no ${there}`);
    return text.replaceAll(there, local);
  }, exampleFile('lastgood.yaml'));
}

function configMap(name: string, files: Readonly<Record<string, string>>): ConfigObject {
  const entries = Object.entries(files).map(([key, text]) => [key, Buffer.from(text)] as const);
  return {
    kind: 'ConfigMap',
    namespace: 'default',
    name,
    immutable: false,
    files: new Map(entries),
  };
}

function withObjects(manifest: Manifest, objects: readonly ConfigObject[]): Manifest {
  const keyed = objects.map((each) => [objectKey(each.kind, each.namespace, each.name), each]);
  const added = Object.fromEntries(keyed) as Record<string, ConfigObject>;
  return { ...manifest, objects: new Map([...manifest.objects, ...Object.entries(added)]) };
}
