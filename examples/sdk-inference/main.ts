import { connect } from '@lastgood/sdk';
import { SpeechConfig } from './config.ts';
import { createServer } from './server.ts';

const { HOST = '127.0.0.1', PORT = '8080', SWAP } = process.env;

const config = await connect({ bundle: 'speech', file: 'config.yaml', schema: SpeechConfig });
const app = await createServer(config, SWAP === 'replace' ? 'replace' : 'beside');
config.onChange(({ model }) => console.log('model', model), { select: ({ model }) => model });
config.onState(({ status, reason = '' }) => console.log(status, reason));
console.log('listening on', await app.listen({ host: HOST, port: Number(PORT) }));

for (const signal of ['SIGTERM', 'SIGINT'])
  process.once(signal, () => {
    // Answers the requests in progress, then closes the model.
    void app.close();
  });
