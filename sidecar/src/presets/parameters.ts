import * as z from 'zod/mini';
import { key, or } from '../settings/mapping.ts';
import { signalName } from '../settings/signal.ts';
import {
  absolutePath,
  command,
  count,
  dottedPath,
  duration,
  metricQuery,
  pattern,
  processName,
  requestUrl,
  someText,
} from '../settings/values.ts';
import { must } from '../settings/wording.ts';
import type { Parameter, ParameterKind, Preset } from './preset.ts';
import { PRESETS, type PresetName } from './presets.ts';

const WRONG_WORD = must('be letters, digits and any of . _ : / -');

/** It stands in URLs and in JSON as it is. */
const word = z
  .string(WRONG_WORD)
  .check(z.regex(/^[A-Za-z0-9/][A-Za-z0-9._:/-]*$/, { ...WRONG_WORD, abort: true }));

const KINDS: Readonly<Record<ParameterKind, z.ZodMiniType>> = {
  text: someText,
  word,
  words: command,
  url: requestUrl,
  path: absolutePath,
  process: processName,
  pattern,
  signal: signalName,
  duration: duration(),
  metric: metricQuery,
  field: dottedPath,
  count: count(0, 1000),
  mapping: z.record(z.string(), z.unknown()),
};

/** What a user may write behind `preset` as a mapping, for one preset. */
export function parametersSchema(name: PresetName) {
  const { parameters }: Preset = PRESETS[name];
  const keys = Object.entries(parameters).map(([each, parameter]) => [each, keyOf(parameter)]);
  return z.strictObject({
    name: key('Name of the preset.', z.literal(name)),
    ...(Object.fromEntries(keys) as Record<string, z.ZodMiniType>),
  });
}

function keyOf({ about, kind, default: fallback, required }: Parameter): z.ZodMiniType {
  const schema = KINDS[kind];
  if (required === true) return key(about, schema);
  return key(about, fallback === undefined ? z.optional(schema) : or(fallback as never, schema));
}

/** The JSON Schema of `preset`, for editors. */
export function presetJsonSchema(): Record<string, unknown> {
  const names = Object.keys(PRESETS) as PresetName[];
  const withParameters = names.map((name) => {
    const { $schema, ...schema } = z.toJSONSchema(parametersSchema(name), { io: 'input' });
    return { description: PRESETS[name].about, ...schema };
  });
  const alone = names.filter((name) =>
    Object.values(PRESETS[name].parameters as Preset['parameters']).every(
      ({ required }) => required !== true,
    ),
  );
  return { anyOf: [{ type: 'string', enum: alone }, ...withParameters] };
}
