import type { Preset } from './preset.ts';

export const tfServing = {
  about:
    'Lets TensorFlow Serving poll its model config file, and looks whether the model is available.',
  needs: [
    '`--model_config_file` in the published directory, and `--model_config_file_poll_wait_seconds` shorter than `hold`.',
  ],
  parameters: {
    model: {
      about: 'Name of the model.',
      kind: 'word',
      required: true,
      example: 'classifier',
    },
    url: { about: 'URL of the REST API.', kind: 'url', default: 'http://localhost:8501' },
    within: { about: 'Deadline for the proof.', kind: 'duration', default: '5m' },
    hold: { about: 'How long it must stay good.', kind: 'duration', default: '90s' },
  },
  apply: [],
  proof: {
    within: '{within}',
    hold: '{hold}',
    http: {
      url: '{url}/v1/models/{model}',
      success: [200],
      json: { path: 'model_version_status.0.state', equals: 'AVAILABLE' },
    },
  },
  checks: [],
  back: 'TensorFlow Serving keeps what it serves when it cannot read a new file; the last good file is put back, and it polls that.',
  limits: [
    'Nobody is told, and a file that cannot be read is only logged: the proof shows that the model is still served after the next poll, not that the file was taken.',
    'The first entry of the answer is the newest version that the server knows of.',
  ],
  sources: [
    'TensorFlow Serving documentation, Configuration: Reloading Model Server Configuration',
    'TensorFlow Serving documentation, RESTful API: Model status',
  ],
} as const satisfies Preset;
