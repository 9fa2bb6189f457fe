import { auth, join, urlParameter } from './parts.ts';
import { definePreset } from './preset.ts';

export const vllm = definePreset({
  about:
    'Unloads a LoRA adapter from vLLM, loads it again, and checks that it is among the models.',
  needs: ['`--enable-lora`, and VLLM_ALLOW_RUNTIME_LORA_UPDATING=True in the environment of vLLM.'],
  parameters: {
    adapter: {
      about: 'Name of the adapter in requests.',
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
      about: 'Position of the adapter in the list of models, after the names of the base model.',
      kind: 'count',
      default: 1,
    },
    url: urlParameter('URL of the API server.', 'http://localhost:8000'),
    auth,
  },
  timing: { within: '2m', hold: '5s' },
  bundleKeys: ({ adapter, path, place, url, auth }) => {
    const webhook = (endpoint: string, rest: object) => ({
      webhook: {
        url: join(url, endpoint),
        headers: { 'content-type': 'application/json' },
        ...rest,
        auth,
      },
    });
    return {
      targets: [
        webhook('/v1/unload_lora_adapter', {
          body: `{"lora_name":"${adapter}"}`,
          // Nothing to unload is fine: before the first load, and after one that failed.
          success: ['2xx', 404],
          refused: [],
          timeout: '1m',
        }),
        webhook('/v1/load_lora_adapter', {
          body: `{"lora_name":"${adapter}","lora_path":"${path}"}`,
          success: ['2xx'],
          refused: [400, 404],
          timeout: '2m',
        }),
      ],
      confirm: {
        http: {
          url: join(url, '/v1/models'),
          success: [200],
          json: { path: `data.${place}.id`, equals: adapter },
          auth,
        },
      },
    };
  },
  rollback: 'lastgood restores the last good files, and unloads and loads the adapter again.',
  limits: [
    'Between the two requests the adapter is missing: its requests get a 404, those for the base model are not affected.',
    'The weights of an adapter are usually larger than a ConfigMap may be: the volume is then a plain directory.',
  ],
  sources: [
    'vLLM documentation, LoRA Adapters: Dynamically serving LoRA adapters',
    'vLLM documentation, OpenAI-Compatible Server: /v1/models',
  ],
});
