import { createRequire } from 'node:module';
import type { Plugin } from 'esbuild';

const require = createRequire(import.meta.url);

/** The modules with getters that load something. */
const MODULES = /^node:(crypto|fs|https?|util)$/;

/**
 * Takes modules of Node.js by `require`. An `import` reads their every property, for the facade that
 * makes an ES module of them: `node:http` loads undici then, and `node:util` opens standard error.
 * That is a tenth of the start and 3 MB for something that is not used.
 */
export const builtinsByRequire: Plugin = {
  name: 'builtins-by-require',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: MODULES }, ({ path, kind }) =>
      kind === 'import-statement' ? { path, namespace: 'builtin' } : { path, external: true },
    );
    onLoad({ filter: /.*/, namespace: 'builtin' }, ({ path }) => ({
      contents: `
        const builtin = require(${JSON.stringify(path)});
        export default builtin;
        export const { ${plainNamesOf(path).join()} } = builtin;
      `,
    }));
  },
};

/** The exports of a module that are there without a getter, which may load something. */
function plainNamesOf(path: string): readonly string[] {
  const properties = Object.entries(Object.getOwnPropertyDescriptors(require(path)));
  return properties.flatMap(([name, { value }]) => (value === undefined ? [] : name));
}
