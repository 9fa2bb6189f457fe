import assert from 'node:assert/strict';
import { access, cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
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
