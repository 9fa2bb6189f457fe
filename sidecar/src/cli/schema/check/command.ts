import { defineCommand } from '../../command.ts';
import { REPORT_FLAGS } from '../../report/flags.ts';

export const schemaCheck = defineCommand({
  name: 'schema check',
  summary: 'Check JSON Schemas for errors and likely mistakes',
  usage: ['schema check FILE... [flags]'],
  description: `Check JSON Schemas (2020-12 or draft-07): print each error, and a warning for each
    likely mistake. Also check the files that a $ref names.`,
  operands: { FILE: 'A JSON Schema' },
  flags: REPORT_FLAGS,
  exitCodes: {
    0: 'All schemas are good',
    1: 'There are errors, or with --strict warnings',
    2: 'Wrong usage, or a file that cannot be read',
  },
  examples: ['lastgood schema check schemas/*.json --strict'],
  needsLargeHeap: true,
  wrongUsage: ({ operands }) =>
    operands.length === 0 ? 'schema check needs a file with a JSON Schema' : undefined,
  run: async ({ operands, flags }, context) => {
    const { checkSchemas } = await import('./check-schemas.ts');
    return checkSchemas(operands, flags, context);
  },
});
