import type { Preset } from './preset.ts';

export const torchserve = {
  about:
    'Ends the workers of a model in TorchServe and starts new ones, which read their files again.',
  needs: ['The management API, with `disable_token_authorization` or a token in `auth`.'],
  parameters: {
    model: {
      about: 'Name of the model.',
      kind: 'word',
      required: true,
      example: 'classifier',
    },
    workers: { about: 'How many workers the model has.', kind: 'count', default: 1 },
    url: { about: 'URL of the management API.', kind: 'url', default: 'http://localhost:8081' },
    auth: {
      about: 'How requests say who they are, as `auth` of a webhook.',
      kind: 'mapping',
      default: {},
    },
    within: { about: 'Deadline for the proof.', kind: 'duration', default: '5m' },
    hold: { about: 'How long it must stay good.', kind: 'duration', default: '5s' },
  },
  apply: [
    {
      webhook: {
        url: '{url}/models/{model}?min_worker=0&max_worker=0&synchronous=true',
        method: 'PUT',
        body: 'none',
        success: ['2xx'],
        refused: [],
        timeout: '2m',
        auth: '{auth}',
      },
    },
    {
      webhook: {
        url: '{url}/models/{model}?min_worker={workers}&max_worker={workers}&synchronous=true',
        method: 'PUT',
        body: 'none',
        success: ['2xx'],
        refused: [],
        timeout: '5m',
        auth: '{auth}',
      },
    },
  ],
  proof: {
    within: '{within}',
    hold: '{hold}',
    http: {
      url: '{url}/models/{model}',
      success: [200],
      json: { path: '0.workers.0.status', equals: 'READY' },
      auth: '{auth}',
    },
  },
  checks: [],
  back: 'The last good files are put back, and the workers are ended and started again.',
  limits: [
    'Between the two requests the model has no worker: requests for it wait or are answered 503. For more than one model, or without that gap, write `targets` yourself.',
    'An archive (.mar) is registered by its name, which is not in the files of a ConfigMap: this preset does not register models.',
  ],
  sources: ['TorchServe documentation, Management API: Scale workers, Describe model'],
} as const satisfies Preset;
