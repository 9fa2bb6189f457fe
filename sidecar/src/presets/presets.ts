import { envoy } from './envoy.ts';
import { fluentBit } from './fluent-bit.ts';
import { generic } from './generic.ts';
import { gunicorn } from './gunicorn.ts';
import { haproxy } from './haproxy.ts';
import { nginx } from './nginx.ts';
import { node } from './node.ts';
import { postgresql } from './postgresql.ts';
import { prometheus } from './prometheus.ts';
import { rayServe } from './ray-serve.ts';
import { tfServing } from './tf-serving.ts';
import { torchserve } from './torchserve.ts';
import { triton } from './triton.ts';
import { uvicorn } from './uvicorn.ts';
import { vllm } from './vllm.ts';

/** Every preset, by its name in the settings. */
export const PRESETS = {
  prometheus,
  nginx,
  haproxy,
  envoy,
  postgresql,
  'fluent-bit': fluentBit,
  gunicorn,
  uvicorn,
  node,
  generic,
  triton,
  torchserve,
  'tf-serving': tfServing,
  vllm,
  'ray-serve': rayServe,
};

export type PresetName = keyof typeof PRESETS;

/** Whether a word is the name of a preset. */
export function isPreset(name: string): name is PresetName {
  return Object.hasOwn(PRESETS, name);
}
