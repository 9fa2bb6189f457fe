/**
 * The app of the examples: shows what its container sees, and takes part in a rollout of lastgood.
 *
 *   GET  /         variables that match NAMES, and the files of DIRS as they are now
 *   GET  /health   the version of each directory, as the app has loaded it
 *   POST /reload   the event of lastgood: load a directory again
 *   POST /exit     end, so that the kubelet starts the container again
 *
 * Of files in SECRET_DIRS it shows only the mode, and when they were written.
 */
import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import http from 'node:http';
import { basename, join } from 'node:path';

const { DIRS = '', SECRET_DIRS = '', NAMES = '^$' } = process.env;
const secretDirs = list(SECRET_DIRS);
const dirs = [...list(DIRS), ...secretDirs];
const startedAt = new Date().toISOString();

/** What `..data` of a directory that lastgood publishes links to: `..<time>.<12 digits of the version>`. */
const PUBLISHED = /^\.\.\d{4}(?:_\d\d){5}\.([0-9a-f]{12})$/;
const versions = Object.fromEntries(dirs.map((dir) => [basename(dir), publishedVersion(dir)]));

function list(names) {
  return names.split(',').filter((name) => name !== '');
}

function publishedVersion(dir) {
  try {
    return PUBLISHED.exec(readlinkSync(join(dir, '..data')))?.[1] ?? null;
  } catch {
    return null;
  }
}

function readVariables() {
  const names = new RegExp(NAMES);
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => names.test(name)));
}

/** Files by their path; names with two leading dots are those of the kubelet. */
function readFiles(dir, showFile) {
  const names = readdirSync(dir).filter((name) => !name.startsWith('..'));
  return Object.assign(
    {},
    ...names.map((name) => {
      const path = join(dir, name);
      return statSync(path).isDirectory() ? readFiles(path, showFile) : { [path]: showFile(path) };
    }),
  );
}

function showSecret(path) {
  const { mode, mtime } = statSync(path);
  return `mode ${(mode & 0o777).toString(8).padStart(4, '0')}, of ${mtime.toISOString()}`;
}

function show() {
  const files = dirs.map((dir) =>
    readFiles(dir, secretDirs.includes(dir) ? showSecret : (path) => readFileSync(path, 'utf8')),
  );
  const args = process.argv.slice(2);
  return { startedAt, args, env: readVariables(), files: Object.assign({}, ...files) };
}

async function answer(request) {
  const chunks = await Array.fromAsync(request);
  switch (`${request.method} ${request.url}`) {
    case 'GET /':
      return show();
    case 'GET /health':
      return { versions };
    case 'POST /reload': {
      const { dir, version } = JSON.parse(Buffer.concat(chunks).toString());
      versions[basename(dir)] = version;
      console.log('loaded', dir, version);
      return { versions };
    }
    case 'POST /exit':
      setImmediate(() => process.exit(0));
      return {};
    default:
      return { error: 'there are GET /, GET /health, POST /reload and POST /exit' };
  }
}

const server = http.createServer(async (request, response) => {
  try {
    response.end(`${JSON.stringify(await answer(request), null, 2)}\n`);
  } catch (error) {
    response.writeHead(500).end(`${error.message}\n`);
  }
});
server.listen(8080, () => console.log('listening on port 8080'));
process.once('SIGTERM', () => process.exit(0));
