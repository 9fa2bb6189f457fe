/**
 * Renders two secrets as Vault Agent does: each into a temporary file, whose name is digits, and then into place
 * by a rename; one after the other. `POST /renew` ends the lease, with the new values as JSON.
 */
import { renameSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { setTimeout } from 'node:timers/promises';

const DIR = '/vault/secrets';
const BETWEEN_FILES_MS = 300;

const FIRST = {
  username: 'v-shop-1',
  password: 'the-first-password',
  key: 'the-first-of-the-keys',
};

async function render({ username, password, key }) {
  write('database', `export DB_USERNAME='${username}'\nexport DB_PASSWORD='${password}'\n`);
  await setTimeout(BETWEEN_FILES_MS);
  write('api-key', key);
}

function write(name, text) {
  const temporary = `${DIR}/${Math.floor(Math.random() * 1e9)}`;
  writeFileSync(temporary, text, { mode: 0o440 });
  renameSync(temporary, `${DIR}/${name}`);
}

await render(FIRST);
if (!process.argv.includes('--once')) {
  const server = http.createServer(async (request, response) => {
    const chunks = await Array.fromAsync(request);
    await render({ ...FIRST, ...JSON.parse(Buffer.concat(chunks).toString() || '{}') });
    response.end('rendered\n');
  });
  server.listen(8200);
  process.once('SIGTERM', () => process.exit(0));
}
