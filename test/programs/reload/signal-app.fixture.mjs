/** Reads its configuration again on SIGHUP, and says at /health which version it could not read. */
import { readFileSync } from 'node:fs';
import http from 'node:http';
import { join } from 'node:path';

const [directory, port] = process.argv.slice(2);

function load() {
  const config = JSON.parse(readFileSync(join(directory, 'config.json'), 'utf8'));
  if (typeof config.greeting !== 'string') throw new Error('greeting must be text');
  return config;
}

let config = load();
let trouble = null;

process.on('SIGHUP', () => {
  try {
    config = load();
    trouble = null;
  } catch (error) {
    trouble = error;
  }
});

http
  .createServer((request, response) => {
    if (request.url !== '/health') return response.end(config.greeting);
    response.writeHead(trouble === null ? 200 : 503).end(trouble?.message);
  })
  .listen(Number(port), '127.0.0.1');
