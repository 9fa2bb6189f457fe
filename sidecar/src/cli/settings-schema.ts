import { defineCommand } from './command.ts';

export const settingsSchema = defineCommand({
  name: 'settings-schema',
  summary: 'Print the JSON Schema of the settings file',
  usage: ['settings-schema'],
  description: `Print the JSON Schema of the settings file. Editors use it to complete and check
    lastgood.yaml.`,
  flags: {},
  exitCodes: { 0: 'Success', 2: 'Wrong usage' },
  examples: ['lastgood settings-schema > lastgood.schema.json'],
  run: async () => {
    const { settingsJsonSchema } = await import('../settings/json-schema.ts');
    const output = `${JSON.stringify(settingsJsonSchema(), null, 2)}\n`;
    return { end: 'good', output, findings: [] };
  },
});
