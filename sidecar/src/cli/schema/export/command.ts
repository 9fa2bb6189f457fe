import { defineCommand } from '../../command.ts';

export const schemaExport = defineCommand({
  name: 'schema export',
  summary: 'Print the schema of an app as JSON Schema',
  usage: ['schema export MODULE [flags]'],
  description: `Print the schema that an app has in its code as JSON Schema, such as one of zod, ArkType
    or valibot with its adapter. It refuses nothing that the app takes. So CI can check a change with
    the schema of the image that will read it. The module is run.`,
  operands: { MODULE: 'A .ts, .mts, .js or .mjs file' },
  maxOperands: 1,
  flags: {
    export: {
      value: 'NAME',
      help: 'The export to print; default: default, else the only schema that the module exports',
    },
  },
  exitCodes: {
    0: 'Success',
    1: 'The module fails, or its schema cannot be converted',
    2: 'Wrong usage, or a module that cannot be read or exports no such schema',
  },
  examples: [
    'lastgood schema export app/config.ts > config.schema.json',
    'lastgood schema export app/config.ts --export ModelConfig',
  ],
  needsLargeHeap: true,
  wrongUsage: ({ operands }) =>
    operands.length === 0 ? 'schema export needs a module that exports a schema' : undefined,
  run: async ({ operands: [path = ''], flags }) => {
    const { exportSchema } = await import('./export-schema.ts');
    return exportSchema(path, flags.export);
  },
});
