/**
 * An app for the bench: reads one value with a library, and prints what that takes. With `--listen` it prints a line
 * for each change instead. `node sdk-peers.mjs <library> <file, directory or URL> [--listen]`
 */
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';

const SDK = new URL('../../sdk/dist/', import.meta.url).href;
const ROUNDS = 300;
/** Reads of one round, which is short, so that another process on the machine does not count. */
const READS = 200_000;
const AWAITED_READS = 200;

/** How its page tells an app to use each library: what to import, and from that a way to read and to listen. */
const LIBRARIES = {
  property: {
    load: async () => [],
    open: () => {
      const app = { current: { n: 1 } };
      return { read: () => app.current.n };
    },
  },
  awaited: {
    load: async () => [],
    open: () => {
      const app = { current: { n: 1 } };
      return { read: async () => app.current.n };
    },
  },
  lastgood: {
    load: async () => [await import(`${SDK}index.js`)],
    open: async ([{ connect }], file) => {
      const config = await connect({ directory: dirname(file), file: 'value.json' });
      return { read: () => config.current.n, listen: (call) => config.onChange(call) };
    },
  },
  launchdarkly: {
    load: async () => [
      await import('@launchdarkly/node-server-sdk'),
      await import('@launchdarkly/node-server-sdk/integrations'),
    ],
    open: async ([{ init, basicLogger }, { FileDataSourceFactory }], file) => {
      const source = new FileDataSourceFactory({ paths: [file], autoUpdate: true });
      const logger = basicLogger({ level: 'none' });
      const options = { updateProcessor: source.getFactory(), sendEvents: false, logger };
      const client = init('sdk-key', options);
      await client.waitForInitialization({ timeout: 10 });
      const context = { kind: 'user', key: 'bench' };
      return {
        read: () => client.numberVariation('n', context, 0),
        listen: (call) => client.on('update:n', call),
      };
    },
  },
  'openfeature-memory': {
    load: async () => [await import('@openfeature/server-sdk')],
    open: ([{ OpenFeature, InMemoryProvider }], file) =>
      openFeature(OpenFeature, new InMemoryProvider(JSON.parse(readFileSync(file, 'utf8')).flags)),
  },
  'openfeature-flagd': {
    load: async () => [
      await import('@openfeature/server-sdk'),
      await import('@openfeature/flagd-provider'),
    ],
    open: ([{ OpenFeature }, { FlagdProvider }], offlineFlagSourcePath) =>
      openFeature(
        OpenFeature,
        new FlagdProvider({ resolverType: 'in-process', offlineFlagSourcePath }),
      ),
  },
  'openfeature-lastgood': {
    load: async () => [
      await import('@openfeature/server-sdk'),
      await import(`${SDK}index.js`),
      await import(`${SDK}openfeature/index.js`),
    ],
    open: async ([{ OpenFeature }, { connect }, { LastgoodProvider }], file) => {
      const config = await connect({ directory: dirname(file) });
      return openFeature(OpenFeature, new LastgoodProvider(config, { file: 'value.json' }));
    },
  },
  appconfig: {
    load: async () => [await import('@aws-lambda-powertools/parameters/appconfig')],
    open: async ([{ AppConfigProvider }], endpoint) => {
      const credentials = { accessKeyId: 'bench', secretAccessKey: 'bench' };
      const clientConfig = { endpoint, region: 'us-east-1', credentials };
      const provider = new AppConfigProvider({
        application: 'bench',
        environment: 'bench',
        clientConfig,
      });
      // It asks again for an older value; the reads are those of a value in its cache.
      const options = { transform: 'json', maxAge: 3_600 };
      const read = async () => (await provider.get('value', options)).n;
      await read();
      return { read };
    },
  },
};

async function openFeature(api, provider) {
  await api.setProviderAndWait(provider);
  const client = api.getClient();
  return {
    read: () => client.getNumberValue('n', 0),
    listen: (call) => client.addHandler('PROVIDER_CONFIGURATION_CHANGED', call),
  };
}

/** Nanoseconds of one read, of the best round. */
async function timeReads(read) {
  const isAwaited = read() instanceof Promise;
  const [loop, reads] = isAwaited ? [awaitAll, AWAITED_READS] : [readAll, READS];
  let bestMs = Infinity;
  for (let round = 0; round < ROUNDS; round += 1) {
    const startMs = performance.now();
    await loop(read);
    bestMs = Math.min(bestMs, performance.now() - startMs);
  }
  return (bestMs * 1e6) / reads;
}

function readAll(read) {
  let sum = 0;
  for (let count = 0; count < READS; count += 1) sum += read();
  return sum;
}

async function awaitAll(read) {
  let sum = 0;
  for (let count = 0; count < AWAITED_READS; count += 1) sum += await read();
  return sum;
}

const [, , library, place, listens] = process.argv;
const { load, open } = LIBRARIES[library];

const startMs = performance.now();
const modules = await load();
const importMs = performance.now() - startMs;
const { read, listen } = await open(modules, place);
const openMs = performance.now() - startMs - importMs;

if (listens) {
  listen(async () => process.stdout.write(`changed ${await read()}\n`));
  process.stdout.write('listening\n');
} else {
  globalThis.gc?.();
  const heapMib = process.memoryUsage().heapUsed / 2 ** 20;
  // Of this process, as `process-facts.ts` reads it of another: the reads come after it.
  const [, kib] = /^RssAnon:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'));
  const value = await read();
  const readNs = await timeReads(read);
  const took = { value, importMs, openMs, heapMib, anonMib: Number(kib) / 1024, readNs };
  process.stdout.write(`ready ${JSON.stringify(took)}\n`);
}
setInterval(() => {}, 60_000);
