import { readFileSync } from 'node:fs';
import { join, posix } from 'node:path';

export const SDK = join(import.meta.dirname, '..');

/** Of the workspace, which exports the source. */
const MANIFEST = JSON.parse(readFileSync(join(SDK, 'package.json'), 'utf8'));

/** What an app imports, each with its source, as `src/index.ts`. */
export const ENTRIES = Object.entries<string>(MANIFEST.exports).map(
  ([path, source]) => [path, posix.normalize(source)] as const,
);

/** Libraries that an app has if it imports the entry that is for them. */
export const PEERS: readonly string[] = Object.keys(MANIFEST.peerDependencies);

/** The manifest as an app needs it. `node`: the oldest version. */
export function publishedManifest(node: string): object {
  const { name, version, description, license, type } = MANIFEST;
  const { peerDependencies, peerDependenciesMeta } = MANIFEST;
  const exports = ENTRIES.map(([path, source]) => {
    const built = source.replace(/^src\/(.*)\.ts$/, '$1');
    const types = `./types/sdk/src/${built}.d.ts`;
    return [path, { types, require: `./${built}.cjs`, default: `./${built}.js` }] as const;
  });
  // TypeScript with `moduleResolution: node10` does not read `exports`.
  const [[, main], ...others] = exports as [(typeof exports)[0], ...typeof exports];
  const typesOfOthers = others.map(([path, { types }]) => [path.slice(2), [types]]);
  return {
    ...{ name, version, description, license, type },
    keywords: ['configuration', 'config', 'hot-reload', 'kubernetes', 'configmap', 'secret'],
    sideEffects: false,
    ...{ main: main.require, types: main.types },
    typesVersions: { '*': Object.fromEntries(typesOfOthers) },
    engines: { node: `>=${node}` },
    ...{ peerDependencies, peerDependenciesMeta },
    exports: Object.fromEntries([...exports, ['./package.json', './package.json']]),
  };
}
