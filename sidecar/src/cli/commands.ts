import type { Command } from './command.ts';
import { doctor } from './doctor/command.ts';
import { explain } from './explain/command.ts';
import { inject, uninject } from './inject/command.ts';
import { presets } from './presets/command.ts';
import { run } from './run/command.ts';
import { schemaCheck } from './schema/check/command.ts';
import { schemaExport } from './schema/export/command.ts';
import { schemaInfer } from './schema/infer/command.ts';
import { settingsSchema } from './settings-schema.ts';
import { validate } from './validate/command.ts';

/** The command of a command line that names none. */
export const RUN = run;

/** The commands that have a name on the command line, in the order of the help. */
export const NAMED_COMMANDS: readonly Command[] = [
  validate,
  doctor,
  schemaInfer,
  schemaCheck,
  schemaExport,
  inject,
  uninject,
  explain,
  presets,
  settingsSchema,
];

export const COMMANDS: readonly Command[] = [RUN, ...NAMED_COMMANDS];
