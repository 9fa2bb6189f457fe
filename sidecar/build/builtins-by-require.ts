import type { Plugin } from 'esbuild';

/**
 * Takes `node:http` and `node:https` by `require`. An `import` reads their every property, for the
 * facade that makes an ES module of them, and one of these loads undici: a tenth of the start and
 * 3 MB for something that is not used.
 */
export const builtinsByRequire: Plugin = {
  name: 'builtins-by-require',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node:https?$/ }, ({ path, kind }) =>
      kind === 'require-call' ? { path, external: true } : { path, namespace: 'builtin' },
    );
    onLoad({ filter: /.*/, namespace: 'builtin' }, ({ path }) => ({
      contents: `module.exports = require(${JSON.stringify(path)});`,
    }));
  },
};
