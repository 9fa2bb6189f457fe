import { defineCommand } from '../../command.ts';
import { INFER_FLAGS } from './flags.ts';

export const schemaInfer = defineCommand({
  name: 'schema infer',
  summary: 'Infer a JSON Schema from known-good configuration',
  usage: ['schema infer FILE|DIR... [flags]'],
  description: `Infer a JSON Schema from known-good configuration. The schema rejects a wrong type
    and a missing key, and accepts ordinary edits, such as a new key. With --closed it rejects
    new keys too. It contains no values, so you can infer it from a Secret.`,
  operands: {
    FILE: `An example of the configuration. Several files, or documents in a file, are examples
      for one schema. In a manifest, each ConfigMap and Secret is read like a DIR`,
    DIR: `Gives one schema per file. In several directories, such as one per stage, files with the
      same name are examples for one schema`,
  },
  flags: INFER_FLAGS,
  exitCodes: {
    0: 'Success',
    1: 'A file is invalid and gives no schema, or a schema cannot be written',
    2: 'Wrong usage, or something that cannot be read',
  },
  examples: [
    'lastgood schema infer config.yaml > model.schema.json',
    'lastgood schema infer staging/ production/ --output schemas',
  ],
  needsLargeHeap: true,
  wrongUsage: ({ operands, flags }) => {
    if (operands.length === 0) return 'schema infer needs a file or directory known to be good';
    return flags.open && flags.closed ? '--open and --closed exclude each other' : undefined;
  },
  run: async ({ operands, flags }) => {
    const { inferAndWrite } = await import('./write-schemas.ts');
    return inferAndWrite({ paths: operands, ...flags });
  },
});
