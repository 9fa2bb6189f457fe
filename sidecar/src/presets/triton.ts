import { join, urlParameter } from './parts.ts';
import { definePreset } from './preset.ts';

export const triton = definePreset({
  about: 'Asks Triton to load a model from its repository again, and checks that it is ready.',
  needs: ['`--model-control-mode=explicit`, and the published directory in the model repository.'],
  parameters: {
    model: { about: 'Name of the model.', kind: 'word', required: true, example: 'classifier' },
    url: urlParameter('URL of the HTTP endpoint.', 'http://localhost:8000'),
  },
  timing: { within: '5m', hold: '5s' },
  bundleKeys: ({ model, url }) => ({
    targets: [
      {
        webhook: {
          url: join(url, `/v2/repository/models/${model}/load`),
          body: '{}',
          success: [200],
          refused: [400],
          timeout: '5m',
        },
      },
    ],
    confirm: { http: { url: join(url, `/v2/models/${model}/ready`), success: [200] } },
  }),
  rollback:
    'Triton keeps its model if it cannot load a new one; lastgood restores the last good files, and asks it to load them.',
  limits: [
    'The proof is the reply to the load, which comes after it; /ready then shows that the model stays.',
  ],
  sources: [
    'Triton Inference Server, Model Repository Extension: load (200, or an error status, typically 400)',
    'Triton Inference Server, Model Management: Model Control Mode EXPLICIT',
    'KServe Predict Protocol 2, Health: /v2/models/NAME/ready',
  ],
});
