import { dirname } from 'node:path';
import { Ajv, type Options } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import standalone from 'ajv/dist/standalone/index.js';
import formats from 'ajv-formats';
import type { Plugin } from 'esbuild';
import { SCHEMA_OPTIONS } from '../src/checks/json-schema/compile.ts';
import { DRAFTS } from '../src/checks/json-schema/meta-schema.ts';

const OPTIONS: Options = { ...SCHEMA_OPTIONS, code: { source: true, esm: true } };

/** The code of the validators that `checks/json-schema/meta-schema.ts` would compile, in its place. */
export const readyMadeSchemas: Plugin = {
  name: 'ready-made-schemas',
  setup({ onResolve, onLoad }) {
    onLoad({ filter: /\/json-schema\/meta-schema\.ts$/ }, ({ path }) => ({
      contents: `
        import draft07 from 'ready-made:draft07';
        import draft2020 from 'ready-made:draft2020';
        export const DRAFTS = ${JSON.stringify(DRAFTS)};
        export const schemaOfSchemas = (draft) => draft === DRAFTS.draft07 ? draft07 : draft2020;
      `,
      resolveDir: dirname(path),
    }));
    onResolve({ filter: /^ready-made:/ }, ({ path, resolveDir }) => ({
      path,
      namespace: 'ready-made',
      pluginData: resolveDir,
    }));
    onLoad({ filter: /.*/, namespace: 'ready-made' }, ({ path, pluginData }) => ({
      contents: path.endsWith('draft07')
        ? codeOf(new Ajv(OPTIONS), DRAFTS.draft07)
        : codeOf(new Ajv2020(OPTIONS), DRAFTS.draft2020),
      resolveDir: pluginData,
    }));
  },
};

function codeOf(ajv: Ajv, draft: string): string {
  formats.default(ajv);
  return standalone.default(ajv, ajv.getSchema(draft));
}
