import { defineCommand } from '../command.ts';

export const presets = defineCommand({
  name: 'presets',
  summary: 'List the presets, or print one as settings',
  usage: ['presets [NAME]'],
  description: `List the presets: targets, confirmation and rollback for a known app. With NAME,
    print the settings of that preset, ready to paste into a bundle.`,
  operands: { NAME: 'Name of a preset' },
  maxOperands: 1,
  flags: {},
  exitCodes: { 0: 'Success', 2: 'Wrong usage, or an unknown preset' },
  examples: ['lastgood presets', 'lastgood presets nginx'],
  run: async ({ operands: [name] }) => {
    const { printPresets } = await import('./print-preset.ts');
    return printPresets(name);
  },
});
