import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Pod } from './pod.ts';

/** Names of files and the words of apps reach people, but cannot forge a line or change its direction. */

const NAME = 'a\nmodel: ok \u001b[2K\u202e\u200b.yaml';
const SHOWN = String.raw`a\nmodel: ok \u001b[2K\u202e\u200b.yaml`;
const INVISIBLE = /[[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]--\n]/v;
const MAIN = new URL('../../sidecar/src/main.ts', import.meta.url).pathname;

/** A plain directory, which a program may fill, with a broken file of that name. */
async function podWithName(context: TestContext): Promise<Pod> {
  const pod = await Pod.create(context);
  await mkdir(pod.source, { recursive: true });
  await writeFile(join(pod.source, NAME), 'a: [\n');
  return pod;
}

function assertPlain(text: string): void {
  assert.ok(text.includes(SHOWN), text);
  assert.doesNotMatch(text, INVISIBLE);
  assert.doesNotMatch(text, /^model: ok/m);
}

test('/readyz, /status and the log escape the name of a file', async (context) => {
  const pod = await podWithName(context);
  pod.start();
  await pod.outcome('rejected');
  assertPlain((await pod.page('/readyz')).text);
  assert.doesNotMatch((await pod.page('/status')).text, INVISIBLE);
  assert.doesNotMatch(JSON.stringify(pod.lines.map(({ msg }) => msg)), INVISIBLE);
});

test('--once escapes the name of a file on standard error', async (context) => {
  const pod = await podWithName(context);
  pod.start({ args: ['--once'] });
  assert.equal(await pod.exit(), 1);
  assertPlain(pod.stderr);
});

test('validate escapes the name of a file', async (context) => {
  const pod = await podWithName(context);
  for (const output of ['human', 'github', 'junit']) {
    const argv = [MAIN, 'validate', pod.source, '--output', output];
    const { stdout, status } = spawnSync(process.execPath, argv, { encoding: 'utf8' });
    assert.equal(status, 1);
    if (output === 'human') assertPlain(stdout);
    else assert.doesNotMatch(stdout, /^model: ok/m);
  }
});

test('the reason of an app is escaped in every page and line', async (context) => {
  const pod = await Pod.create(context);
  await pod.startOn({ 'config.yaml': 'a: 1\n' });
  const reason = 'no\n\u202emodel: ok\u200b';
  pod.app.onReload = (event) =>
    event.reason === 'changed'
      ? { status: 422, body: JSON.stringify({ reason }) }
      : { status: 200 };
  await pod.write({ 'config.yaml': 'a: 2\n' });
  const line = await pod.outcome('rolled-back');
  assert.match(String(line.msg), /no \\u202emodel: ok\\u200b/);
  for (const path of ['/readyz', '/status'])
    assert.doesNotMatch((await pod.page(path)).text, INVISIBLE);
});
