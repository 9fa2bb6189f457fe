/**
 * Adds the compile caches to the files of the image: `node FLAGS sidecar/build/compile-cache.ts DIR`, with the Node
 * and the flags that will read it. It runs the sidecar once, until it is ready, so that V8 has compiled what a
 * start needs.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { loadProgram } from '../src/io/process/load-program.ts';

const WITHIN_MS = 120_000;

const CONTENT = `# Like that of an app.
model: { name: a, sizes: [1, 2.5], labels: { "x y": 'z' } }
server:
  port: 8080
  timeout: 5s
`;

const SCHEMA = {
  type: 'object',
  required: ['model'],
  properties: {
    model: { type: 'object', properties: { name: { type: 'string', pattern: '^[a-z]+$' } } },
    server: { $ref: '#/$defs/server' },
  },
  $defs: { server: { properties: { port: { type: 'integer', minimum: 1, maximum: 65_535 } } } },
};

function layOut(dir: string, port: number, appPort: number): string {
  for (const name of ['volume', 'live']) mkdirSync(join(dir, name));
  writeFileSync(join(dir, 'volume/config.yaml'), CONTENT);
  writeFileSync(join(dir, 'app.schema.json'), JSON.stringify(SCHEMA));
  const url = `http://127.0.0.1:${appPort}/`;
  const bundle = {
    name: 'app',
    volumes: [{ path: join(dir, 'volume') }],
    publish: join(dir, 'live'),
    validate: [
      {
        files: 'config.yaml',
        schema: 'app.schema.json',
        rules: [{ rule: 'self.server.port > 0' }],
      },
      { shape: 'compatible' },
    ],
    prepare: [{ webhook: { url } }],
    targets: [{ webhook: { url } }],
    confirm: { http: { url } },
  };
  const settings = { listen: `127.0.0.1:${port}`, stateDir: join(dir, 'state'), bundles: [bundle] };
  const file = join(dir, 'lastgood.yaml');
  writeFileSync(file, JSON.stringify(settings, null, 2));
  return file;
}

/** Answers each request with 200, as an app does. */
async function startServer() {
  const server = createServer((_request, response) => response.end());
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return { server, port: (server.address() as AddressInfo).port };
}

/** The status of a page of the sidecar; undefined while it does not listen. */
function fetchStatus(url: string): Promise<number | undefined> {
  return new Promise((done) => {
    const request = get(url, (response) => {
      response.resume().on('end', () => done(response.statusCode));
    });
    request.on('error', () => done(undefined));
  });
}

const [, , dir = '.'] = process.argv;
const home = resolve(dir);
const scratch = mkdtempSync(join(tmpdir(), 'lastgood-'));
const app = await startServer();
// A port that is free: of a server that is closed again.
const { server, port } = await startServer();
await new Promise((done) => server.close(done));
process.argv = [
  process.execPath,
  join(home, 'lastgood.js'),
  '--config',
  layOut(scratch, port, app.port),
];
setFlagsFromString('--memory-pool-share-memory-on-teardown');
const scripts = loadProgram(home, { importModule: (url) => import(url), useCaches: false });
const deadlineMs = performance.now() + WITHIN_MS;
while ((await fetchStatus(`http://127.0.0.1:${port}/readyz`)) !== 200) {
  if (performance.now() > deadlineMs) throw new Error('the sidecar does not become ready');
  await sleep(20);
}
for (const [name, createCache] of scripts) {
  const cache = createCache();
  writeFileSync(join(home, `${name}.cache`), cache);
  process.stderr.write(`${name}.cache ${Math.round(cache.length / 1024)} KiB\n`);
}
rmSync(scratch, { recursive: true });
process.exit(0);
