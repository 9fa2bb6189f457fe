import type { Plugin } from 'esbuild';

/** What pino loads at the start, and the log of a sidecar does not use: 4 ms of processor time. */
const PARTS = {
  // Writes in a separate thread.
  'pino-transport': "module.exports = () => { throw new Error('the log has no transports'); };",
  // Node loads how it shows differences too. sonic-boom only calls it where its caller is wrong.
  assert: "module.exports = (...values) => require('node:assert')(...values);",
};

export const leanLog: Plugin = {
  name: 'lean-log',
  setup({ onResolve, onLoad }) {
    const isOf = (name: string, importer: string) => importer.includes(`/node_modules/${name}/`);
    onResolve({ filter: /^\.\/(?:lib\/)?transport$/ }, ({ importer }) =>
      isOf('pino', importer) ? { path: 'pino-transport', namespace: 'lean-log' } : undefined,
    );
    onResolve({ filter: /^assert$/ }, ({ importer }) =>
      isOf('sonic-boom', importer) ? { path: 'assert', namespace: 'lean-log' } : undefined,
    );
    onLoad({ filter: /.*/, namespace: 'lean-log' }, ({ path }) => ({
      contents: PARTS[path as keyof typeof PARTS],
    }));
  },
};
