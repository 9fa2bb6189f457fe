import { auth, join, urlParameter } from './parts.ts';
import { definePreset } from './preset.ts';

export const torchserve = definePreset({
  about:
    'Stops the workers of a model in TorchServe and starts new ones, which read their files again.',
  needs: ['The management API, with `disable_token_authorization` or a token in `auth`.'],
  parameters: {
    model: { about: 'Name of the model.', kind: 'word', required: true, example: 'classifier' },
    workers: { about: 'Number of workers of the model.', kind: 'count', default: 1 },
    url: urlParameter('URL of the management API.', 'http://localhost:8081'),
    auth,
  },
  timing: { within: '5m', hold: '5s' },
  bundleKeys: ({ model, workers, url, auth }) => {
    const modelUrl = join(url, `/models/${model}`);
    const scaleTo = (count: number, timeout: string) => ({
      webhook: {
        url: `${modelUrl}?min_worker=${count}&max_worker=${count}&synchronous=true`,
        method: 'PUT',
        body: 'none',
        success: ['2xx'],
        refused: [],
        timeout,
        auth,
      },
    });
    return {
      targets: [scaleTo(0, '2m'), scaleTo(workers, '5m')],
      confirm: {
        http: {
          url: modelUrl,
          success: [200],
          json: { path: '0.workers.0.status', equals: 'READY' },
          auth,
        },
      },
    };
  },
  rollback: 'lastgood restores the last good files, and stops and starts the workers again.',
  limits: [
    'Between the two requests the model has no worker: its requests wait or get a 503. For more than one model, or without that gap, write `targets` yourself.',
    'An archive (.mar) is registered by its name, which is not in the files of a ConfigMap: this preset does not register models.',
  ],
  sources: ['TorchServe documentation, Management API: Scale workers, Describe model'],
});
