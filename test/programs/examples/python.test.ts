import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, cp, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { DEADLINE_MS } from '../../deadline.ts';
import { temporaryDirectory } from '../../kubelet/temporary-directory.ts';
import { Pod } from '../../pipeline/pod.ts';
import { startProgram } from '../reload/program.ts';
import { pythonPath } from '../reload/python.ts';

const EXAMPLE = join(import.meta.dirname, '../../../examples/python');
const CLIENT = 'lastgood_client.py';

const python = pythonPath() ?? '';
const skip = python !== '' || process.env.CI ? false : 'no python3 here';

/** An app goes on after the program of the page; the file says that it has got so far. */
const GO_ON = "import threading\nopen('started', 'w').close()\nthreading.Event().wait()\n";

test('examples/python: its program prints its configuration, and refuses a version', {
  skip,
}, async (context) => {
  const pod = await Pod.create(context, { direct: true, confirm: false });
  pod.bundle.targets = [{ subscribers: {} }];
  await pod.configured({ runDir: join(pod.dir, 'run') });
  await pod.startOn({ 'config.json': '{"batch_size": 8}' });

  const page = await readFile(join(EXAMPLE, 'README.md'), 'utf8');
  const [, code] = /^```python\n(.*?)^```$/ms.exec(page) ?? [];
  await cp(join(EXAMPLE, CLIENT), join(pod.dir, CLIENT));
  await writeFile(join(pod.dir, 'app.py'), `${code}${GO_ON}`);
  const program = await startProgram(context, {
    command: [python, '-u', 'app.py'],
    cwd: pod.dir,
    env: { LASTGOOD_SOCKET: join(pod.dir, 'run/sdk.sock') },
    ready: () => access(join(pod.dir, 'started')),
  });
  await pod.write({ 'config.json': '{"batch_size": 128}' });
  await pod.outcome('rejected');
  const { rejected } = await pod.status();
  assert.match(JSON.stringify(rejected?.findings), /batch_size must be at most 64/);
  assert.equal(program.output, '8\n');
});

test('examples/python: the client gives up after its timeout, also on a sidecar that hangs', {
  skip,
}, async (context) => {
  const path = join(temporaryDirectory(context), 'sdk.sock');
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    socket.resume();
  }).listen(path);
  context.after(() => server.close());
  await once(server, 'listening');
  const connected = once(server, 'connection', { signal: AbortSignal.timeout(DEADLINE_MS) });
  // Long enough to connect on a busy machine.
  const code = `import lastgood_client as l; l.Client('m', dict, socket_path='${path}', timeout=5.0)`;
  const env = { ...process.env, PYTHONDONTWRITEBYTECODE: '1' };
  const child = spawn(python, ['-c', code], { cwd: EXAMPLE, env });
  assert.match(await text(child.stderr), /TimeoutError: no good version in 5\.0 s/);
  // Its event may come after the end of the program.
  await connected;
  assert.equal(connections, 1);
});
