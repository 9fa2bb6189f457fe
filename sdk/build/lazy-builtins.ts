import type { Plugin } from 'esbuild';

/** What the package uses of the modules with getters that load something. With another name, the build fails. */
const USED: Readonly<Record<string, readonly string[]>> = {
  'node:buffer': ['isUtf8'],
  'node:crypto': [
    'createHash',
    'createHmac',
    'hash',
    'randomBytes',
    'randomUUID',
    'timingSafeEqual',
  ],
  'node:util': ['format', 'isDeepStrictEqual', 'promisify', 'types'],
};

/**
 * Takes these modules without `import`, which reads their every property, for the facade that makes an ES
 * module of them: `node:util` opens standard error then, and loads streams and worker threads.
 */
export const lazyBuiltins: Plugin = {
  name: 'lazy-builtins',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node:/ }, ({ path, kind }) =>
      kind === 'import-statement' && path in USED ? { path, namespace: 'builtin' } : undefined,
    );
    onLoad({ filter: /.*/, namespace: 'builtin' }, ({ path }) => ({
      contents: `export const { ${USED[path]?.join()} } = process.getBuiltinModule('${path}');`,
    }));
  },
};
