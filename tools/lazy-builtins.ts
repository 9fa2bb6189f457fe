import type { Plugin } from 'esbuild';

/**
 * Takes modules of Node.js without `import`, and only when a module of the program is the first to need
 * one. An `import` loads all of them at the start, and reads their every property, for the facade that
 * makes an ES module of them: `node:http` loads undici then, `node:tls` every root certificate, and
 * `node:util` streams and worker threads.
 */
export function lazyBuiltins(filter: RegExp): Plugin {
  return {
    name: 'lazy-builtins',
    setup({ onResolve, onLoad }) {
      onResolve({ filter }, ({ path, kind }) =>
        kind.startsWith('require') ? undefined : { path, namespace: 'builtin' },
      );
      onLoad({ filter: /.*/, namespace: 'builtin' }, ({ path }) => ({ contents: codeOf(path) }));
    },
  };
}

/** Marked as pure, a property that the program does not use is left out, and not read. */
function codeOf(path: string): string {
  const names = Object.keys(process.getBuiltinModule(path) ?? {}).filter((name) =>
    /^\w+$/.test(name),
  );
  const read = (name: string) => `/* @__PURE__ */ $read('${name}')`;
  return `
    const $module = process.getBuiltinModule('${path}');
    const $read = (name) => $module[name];
    export default $module;
    ${names.map((name) => `export const ${name} = ${read(name)};`).join('\n')}
  `;
}
