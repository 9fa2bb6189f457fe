import assert from 'node:assert/strict';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { Pod } from './pod.ts';

/** Its app reads one file that is expanded from the volume; a variable that every process has is in it. */
async function expandingPod(context: TestContext): Promise<{ pod: Pod; to: string }> {
  const pod = await Pod.create(context, { direct: true });
  const to = join(pod.dir, 'app.yaml');
  // Its name does not say what is in it.
  pod.bundle.validate = [{ files: 'app.yaml.gz', format: 'yaml' }];
  pod.bundle.expand = { file: 'app.yaml.gz', to };
  await pod.configured();
  await pod.startOn(generation(1));
  return { pod, to };
}

function generation(number: number) {
  return {
    'app.yaml.gz': gzipSync(`generation: ${number}\npath: "$(PATH)"\n`),
    'other.yaml': `generation: ${number}\n`,
  };
}

function expanded(number: number): string {
  return `generation: ${number}\npath: "${process.env.PATH}"\n`;
}

test('a version that the app refuses is put back: the file is the last good one again', async (context) => {
  const { pod, to } = await expandingPod(context);
  assert.equal(await readFile(to, 'utf8'), expanded(1));
  const seen: string[] = [];
  pod.app.onReload = async ({ reason }) => {
    seen.push(await readFile(to, 'utf8'));
    return { status: reason === 'rollback' ? 200 : 422 };
  };
  await pod.write(generation(2));
  await pod.outcome('rolled-back');
  assert.deepEqual(seen, [expanded(2), expanded(1)]);
  assert.equal(await readFile(to, 'utf8'), expanded(1));
});

test('P7: a restarted sidecar knows the file, and notifies no target', async (context) => {
  const { pod, to } = await expandingPod(context);
  await pod.kill('SIGKILL');
  const since = pod.lines.length;
  pod.start();
  await pod.outcome('unchanged', since);
  assert.deepEqual(pod.app.events, [], 'the app has started on it');
  assert.equal(await readFile(to, 'utf8'), expanded(1));
});

for (const [what, change] of [
  ['that was changed by hand', (to: string) => writeFile(to, 'by hand\n')],
  ['that is gone', (to: string) => rm(to)],
] as const)
  test(`P2: the start rewrites a file ${what}`, async (context) => {
    const { pod, to } = await expandingPod(context);
    await pod.kill('SIGTERM');
    await change(to);
    const since = pod.lines.length;
    pod.start();
    await pod.outcome('committed', since);
    assert.equal(await readFile(to, 'utf8'), expanded(1));
  });

for (const boundary of ['before publish', 'after publish'])
  test(`P2 P7: killed ${boundary} of a good change, it goes on and commits`, async (context) => {
    const { pod, to } = await expandingPod(context);
    await pod.kill('SIGTERM');
    const since = pod.lines.length;
    pod.start({ heldAt: boundary });
    await pod.outcome('unchanged', since);
    await pod.write(generation(2));
    await pod.line((line) => line.held === boundary, `hold ${boundary}`, since);
    await pod.kill('SIGKILL');
    const restarted = pod.lines.length;
    pod.start();
    await pod.outcome('committed', restarted);
    assert.equal(await readFile(to, 'utf8'), expanded(2));
    assert.equal(pod.app.events.at(-1)?.reason, 'changed');
  });

test('P1 P4: where the file cannot be written, the published directory stays as it was', async (context) => {
  const pod = await Pod.create(context);
  const to = join(pod.dir, 'out/app.yaml');
  await mkdir(join(pod.dir, 'out'));
  pod.bundle.validate = [];
  pod.bundle.expand = { file: 'app.yaml.gz', to };
  await pod.configured();
  await pod.startOn(generation(1));
  await rename(join(pod.dir, 'out'), join(pod.dir, 'away'));
  await pod.write(generation(2));
  await pod.outcome('rejected');
  assert.equal(await readFile(join(pod.live, 'other.yaml'), 'utf8'), 'generation: 1\n');
  await rename(join(pod.dir, 'away'), join(pod.dir, 'out'));
  assert.equal(await readFile(to, 'utf8'), expanded(1));
  const since = pod.lines.length;
  await pod.write(generation(3));
  await pod.outcome('committed', since);
  assert.equal(await readFile(join(pod.live, 'other.yaml'), 'utf8'), 'generation: 3\n');
  assert.equal(await readFile(to, 'utf8'), expanded(3));
});

test('P1 P4: a directory in place of the file stops the publish, and the log has the reason', async (context) => {
  const pod = await Pod.create(context);
  const to = join(pod.dir, 'out');
  pod.bundle.validate = [];
  pod.bundle.expand = { file: 'app.yaml.gz', to };
  await pod.configured();
  await pod.startOn(generation(1));
  await rm(to);
  await mkdir(to);
  await pod.write(generation(2));
  await pod.outcome('rejected');
  assert.equal(await readFile(join(pod.live, 'other.yaml'), 'utf8'), 'generation: 1\n');
  assert.match(JSON.stringify(pod.lines), /LG_PUBLISH_FILE_PLACE/);
});

test('P3: without a state directory, an app that may run on an older file is notified of the new one', async (context) => {
  const pod = await Pod.create(context, { direct: true });
  const to = join(pod.dir, 'app.yaml');
  pod.bundle.validate = [];
  pod.bundle.expand = { file: 'app.yaml.gz', to };
  await pod.configured({ stateDir: 'none' });
  await pod.startOn(generation(1));
  assert.deepEqual(pod.app.events, [], 'the app starts on the first one');
  await pod.kill('SIGKILL');
  await pod.write(generation(2));
  const since = pod.lines.length;
  pod.start();
  await pod.outcome('committed', since);
  assert.equal(await readFile(to, 'utf8'), expanded(2));
  assert.deepEqual(
    pod.app.events.map(({ reason }) => reason),
    ['changed'],
  );
});

test('P8: what is expanded is in no log and on no page', async (context) => {
  const { pod } = await expandingPod(context);
  const value = process.env.PATH as string;
  await pod.write({ ...generation(2), 'app.yaml.gz': gzipSync('a: [$(PATH)\n') });
  await pod.outcome('rejected');
  const pages = await Promise.all(['/metrics', '/status', '/readyz'].map((path) => pod.page(path)));
  const shown = [JSON.stringify(pod.lines), pod.stderr, ...pages.map(({ text }) => text)].join(
    '\n',
  );
  assert.ok(!shown.includes(value));
});
