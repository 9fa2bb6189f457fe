import * as z from 'zod/mini';
import type { Parameter } from '../presets/preset.ts';
import { PRESETS, type PresetName } from '../presets/presets.ts';
import { tlsProbeSchema } from './confirm-tls.ts';
import { key } from './mapping.ts';
import { signalName } from './signal.ts';
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
  text,
} from './values.ts';
import { must } from './wording.ts';

const KINDS: Readonly<Record<Parameter['kind'], z.ZodMiniType>> = {
  text: someText,
  word: text(/^[A-Za-z0-9/][A-Za-z0-9._:/-]*$/, must('be letters, digits and any of . _ : / -')),
  command,
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
  tls: tlsProbeSchema,
};

/** What `preset` may be as a mapping, for one preset. */
export function parametersSchema(name: PresetName) {
  const keys = Object.entries(PRESETS[name].parameters).map(([each, parameter]) => {
    const { about, kind, default: fallback, required } = parameter;
    const isOptional = required !== true && fallback === undefined;
    const schema = isOptional ? z.optional(KINDS[kind]) : KINDS[kind];
    return [each, key(about, schema, fallback)];
  });
  return z.strictObject({
    name: key('Name of the preset.', z.literal(name)),
    ...(Object.fromEntries(keys) as Record<string, z.ZodMiniType>),
  });
}
