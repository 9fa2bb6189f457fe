import { join, urlParameter } from './parts.ts';
import { definePreset } from './preset.ts';

export const tfServing = definePreset({
  about:
    'Lets TensorFlow Serving poll its model config file, and checks that the model is available.',
  needs: [
    '`--model_config_file` in the published directory, and `--model_config_file_poll_wait_seconds` shorter than `hold`.',
  ],
  parameters: {
    model: { about: 'Name of the model.', kind: 'word', required: true, example: 'classifier' },
    url: urlParameter('URL of the REST API.', 'http://localhost:8501'),
  },
  timing: { within: '5m', hold: '90s' },
  bundleKeys: ({ model, url }) => ({
    confirm: {
      http: {
        url: join(url, `/v1/models/${model}`),
        success: [200],
        json: { path: 'model_version_status.0.state', equals: 'AVAILABLE' },
      },
    },
  }),
  rollback:
    'TensorFlow Serving keeps what it serves if it cannot read a new file; lastgood restores the last good file, and the next poll reads it.',
  limits: [
    'lastgood sends no notification, and TensorFlow Serving only logs a file that it cannot read: the proof shows that it still serves the model after the next poll, not that it accepted the file.',
    'The first entry of the reply is the newest version that the server knows.',
  ],
  sources: [
    'TensorFlow Serving documentation, Configuration: Reloading Model Server Configuration',
    'TensorFlow Serving documentation, RESTful API: Model status',
  ],
});
