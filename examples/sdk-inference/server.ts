import type { Config } from '@lastgood/sdk';
import { lastgoodPlugin } from '@lastgood/sdk/fastify';
import { type FastifyInstance, fastify } from 'fastify';
import { Batches } from './batches.ts';
import type { SpeechConfig } from './config.ts';
import { createMetrics } from './metrics.ts';
import { findModel, openModel } from './model.ts';

/** A minute of audio. */
const MAX_BODY_BYTES = 60 * 16_000 * 2;

/** The server with its model open. Rejects if the model of the first version cannot be loaded. */
export async function createServer(
  config: Config<SpeechConfig>,
  swap: 'beside' | 'replace',
): Promise<FastifyInstance> {
  const models = await config.resource({
    select: ({ model, threads }) => ({ model, threads }),
    swap,
    check: findModel,
    open: openModel,
    close: (model) => model.release(),
  });
  const metrics = createMetrics(config, models);
  const batches = new Batches(config, models, metrics.onBatch);

  const app = fastify({ bodyLimit: MAX_BODY_BYTES });
  await app.register(lastgoodPlugin, { config, health: '/health/config' });
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  app.post('/detect', (request, reply) => {
    const clip = clipOf(request.body);
    if (clip === undefined)
      return reply
        .code(400)
        .send({ message: 'send 16-bit mono samples at 16 kHz, without a header' });
    return batches.detect(clip);
  });
  // The server listens once its model is open, and a version that cannot be loaded leaves the old one.
  app.get('/ready', () => ({ status: 'ready', version: config.version }));
  app.get('/metrics', async (_request, reply) => {
    reply.type(metrics.registry.contentType);
    return metrics.registry.metrics();
  });
  return app;
}

/** Little-endian 16-bit samples, as numbers from -1 to 1. */
function clipOf(body: unknown): Float32Array | undefined {
  if (!Buffer.isBuffer(body) || body.length < 2) return undefined;
  return Float32Array.from(
    { length: body.length >> 1 },
    (_, at) => body.readInt16LE(2 * at) / 32_768,
  );
}
