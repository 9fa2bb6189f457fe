import { FORMAT_NAMES } from '@lastgood/core/formats/format.ts';
import { defineCommand } from '../../command.ts';

export const schemaInfer = defineCommand({
  name: 'schema infer',
  summary: 'Infer a JSON Schema from known-good configuration',
  usage: ['schema infer FILE|DIR... [flags]'],
  description: `Infer a JSON Schema from known-good configuration. The schema rejects a wrong type,
    a missing key and a misspelt key, and accepts ordinary edits. It contains no values,
    so you can infer it from a Secret.`,
  operands: {
    FILE: `An example of the configuration. Several files, or documents in a file, are examples
      for one schema. In a manifest, each ConfigMap and Secret is read like a DIR`,
    DIR: `Gives one schema per file. In several directories, such as one per stage, files with the
      same name are examples for one schema`,
  },
  flags: {
    keys: { help: 'Treat each directory as one example, and each file in it as a key' },
    open: { help: 'Allow keys that no example has' },
    secret: { help: 'Treat files as secret: show locations, never content' },
    format: {
      value: 'NAME',
      help: 'Read files as yaml, json, toml ..., whatever their names',
      choices: ['auto', ...FORMAT_NAMES],
      default: 'auto',
    },
    output: {
      value: 'DIR',
      help: 'Write each schema to DIR as NAME.schema.json; otherwise print the one schema',
    },
    force: { help: 'Overwrite existing schemas', needs: 'output' },
  },
  exitCodes: {
    0: 'Success',
    1: 'A file is invalid and gives no schema',
    2: 'Wrong usage, or something that cannot be read or written',
  },
  examples: [
    'lastgood schema infer config.yaml > model.schema.json',
    'lastgood schema infer staging/ production/ --output schemas',
  ],
  needsLargeHeap: true,
  wrongUsage: ({ operands }) =>
    operands.length === 0 ? 'schema infer needs a file or directory known to be good' : undefined,
  run: async ({ operands, flags }) => {
    const { inferAndWrite } = await import('./write-schemas.ts');
    return inferAndWrite({ paths: operands, ...flags });
  },
});
