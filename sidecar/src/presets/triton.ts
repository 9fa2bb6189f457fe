import type { Preset } from './preset.ts';

export const triton = {
  about: 'Asks Triton to load a model anew from its repository, and looks whether it is ready.',
  needs: ['`--model-control-mode=explicit`, and the published directory in the model repository.'],
  parameters: {
    model: {
      about: 'Name of the model.',
      kind: 'word',
      required: true,
      example: 'classifier',
    },
    url: { about: 'URL of the HTTP endpoint.', kind: 'url', default: 'http://localhost:8000' },
    within: { about: 'Deadline for the proof.', kind: 'duration', default: '5m' },
    hold: { about: 'How long it must stay good.', kind: 'duration', default: '5s' },
  },
  apply: [
    {
      webhook: {
        url: '{url}/v2/repository/models/{model}/load',
        body: '{}',
        success: [200],
        refused: [400],
        timeout: '5m',
      },
    },
  ],
  proof: {
    within: '{within}',
    hold: '{hold}',
    http: { url: '{url}/v2/models/{model}/ready', success: [200] },
  },
  checks: [],
  back: 'Triton keeps the model that it has when a new one cannot be loaded; the last good files are put back, and it is asked to load them.',
  limits: [
    'The proof is the answer to the load, which comes when it is over; /ready then shows that the model stays.',
  ],
  sources: [
    'Triton Inference Server, Model Repository Extension: load (200, or an error status, typically 400)',
    'Triton Inference Server, Model Management: Model Control Mode EXPLICIT',
    'KServe Predict Protocol 2, Health: /v2/models/NAME/ready',
  ],
} as const satisfies Preset;
