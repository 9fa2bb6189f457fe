import type { Preset } from './preset.ts';

export const vllm = {
  about:
    'Unloads a LoRA adapter from vLLM, loads it anew, and looks whether it is among the models.',
  needs: ['`--enable-lora`, and VLLM_ALLOW_RUNTIME_LORA_UPDATING=True in the environment of vLLM.'],
  parameters: {
    adapter: {
      about: 'Name of the adapter, as requests for it say.',
      kind: 'word',
      required: true,
      example: 'sql-lora',
    },
    path: {
      about: 'Where vLLM sees the files of the adapter.',
      kind: 'word',
      required: true,
      example: '/config/sql-lora',
    },
    place: {
      about: 'The place of the adapter in the list of models, after the names of the base model.',
      kind: 'count',
      default: 1,
    },
    url: { about: 'URL of the API server.', kind: 'url', default: 'http://localhost:8000' },
    auth: {
      about: 'How requests say who they are, as `auth` of a webhook.',
      kind: 'mapping',
      default: {},
    },
    within: { about: 'Deadline for the proof.', kind: 'duration', default: '2m' },
    hold: { about: 'How long it must stay good.', kind: 'duration', default: '5s' },
  },
  apply: [
    {
      webhook: {
        url: '{url}/v1/unload_lora_adapter',
        headers: { 'content-type': 'application/json' },
        body: '{"lora_name":"{adapter}"}',
        // Nothing to unload is as good: before the first load, and after one that failed.
        success: ['2xx', 404],
        refused: [],
        timeout: '1m',
        auth: '{auth}',
      },
    },
    {
      webhook: {
        url: '{url}/v1/load_lora_adapter',
        headers: { 'content-type': 'application/json' },
        body: '{"lora_name":"{adapter}","lora_path":"{path}"}',
        success: ['2xx'],
        refused: [400, 404],
        timeout: '2m',
        auth: '{auth}',
      },
    },
  ],
  proof: {
    within: '{within}',
    hold: '{hold}',
    http: {
      url: '{url}/v1/models',
      success: [200],
      json: { path: 'data.{place}.id', equals: '{adapter}' },
      auth: '{auth}',
    },
  },
  checks: [],
  back: 'The last good files are put back, and the adapter is unloaded and loaded once more.',
  limits: [
    'Between the two requests the adapter is not there: requests for it are answered 404, and those for the base model are not touched.',
    'The weights of an adapter are mostly larger than a ConfigMap may be: the volume is then a plain directory.',
  ],
  sources: [
    'vLLM documentation, LoRA Adapters: Dynamically serving LoRA adapters',
    'vLLM documentation, OpenAI-Compatible Server: /v1/models',
  ],
} as const satisfies Preset;
