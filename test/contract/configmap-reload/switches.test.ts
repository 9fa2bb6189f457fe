import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { both, contract, ended, ours } from './case.ts';
import type { Rig } from './rig.ts';
import { LASTGOOD } from './subjects.ts';

/** The flags that add checks; without them no content is read. */

const SCHEMA = { type: 'object', required: ['size'], properties: { size: { type: 'integer' } } };

async function schemaIn(rig: Rig): Promise<string> {
  const path = join(rig.dir, 'config.schema.json');
  await writeFile(path, JSON.stringify(SCHEMA));
  return path;
}

async function published(rig: Rig): Promise<string> {
  return readFile(join(rig.dir, 'live/config.yaml'), 'utf8');
}

contract('switches', () => {
  both('without a switch each change sends a request, broken or not', async (rig) => {
    const hook = await rig.hook();
    await rig.start([hook.url]);
    await rig.write('{{ template }}: [');
    await rig.until(() => hook.told.length === 1, 'request');
  });

  for (const form of ['', '*.yaml='])
    ours(
      `--schema=${form}FILE: a bad change sends no request, the next good one does`,
      async (rig) => {
        const hook = await rig.hook();
        await rig.write('size: 1');
        await rig.start([hook.url], `--schema=${form}${await schemaIn(rig)}`);
        await rig.write('size: many');
        await rig.until(() => rig.output.includes('LG_VALIDATE_SCHEMA'), 'line of the log');
        await rig.write('size: 2');
        await rig.until(() => hook.told.length > 0, 'request');
        assert.equal(hook.told.length, 1);
      },
    );

  ours('--schema: a schema that is not there ends it with 2', async (rig) => {
    await rig.write('size: 1');
    const flags = [`--volume-dir=${rig.path('config')}`, '--webhook-url=http://127.0.0.1:1'];
    const { status, stderr } = ended(
      rig.subject,
      ...flags,
      '--web.listen-address=127.0.0.1:0',
      '--schema=/nope.json',
    );
    assert.equal(status, 2);
    assert.match(stderr, /LG_SETTINGS_SCHEMA/);
  });

  ours('--shape=same: a change of the shape sends no request', async (rig) => {
    const hook = await rig.hook();
    await rig.write('size: 1');
    await rig.start([hook.url], '--shape=same');
    await rig.write('size: many');
    await rig.until(() => rig.output.includes('LG_VALIDATE_SHAPE'), 'line of the log');
    await rig.write('size: 2');
    await rig.until(() => hook.told.length > 0, 'request');
    assert.equal(hook.told.length, 1);
  });

  ours('--publish: all URLs or none, and the last good one comes back', async (rig) => {
    const [one, other] = [await rig.hook(), await rig.hook()];
    other.onTold = async () => ({ status: (await published(rig)) === 'second' ? 500 : 200 });
    await mkdir(join(rig.dir, 'live'));
    await rig.start([one.url, other.url], `--publish=${join(rig.dir, 'live')}`);
    assert.equal(await published(rig), 'first');
    await rig.write('second');
    const labels = `reason="retries_exhausted",webhook="${other.url}"`;
    await rig.metric('request_errors_total', labels, 1);
    // After a while the second one is tried again.
    await rig.until(async () => (await published(rig)) === 'first', 'first version');
    assert.ok(
      one.told.length >= 2,
      'a request for the new version, and one for the old version again',
    );
  });

  ours('--hmac-key-file: each request is signed', async (rig) => {
    const hook = await rig.hook();
    const key = join(rig.dir, 'key');
    await writeFile(key, 'canary');
    await rig.start([hook.url], `--hmac-key-file=${key}`);
    await rig.write('second');
    await rig.until(() => hook.told.length === 1, 'request');
    const [told] = hook.told;
    const [, time, signature] =
      /^t=(\d+),v1=([0-9a-f]+)$/.exec(String(told?.headers['lastgood-signature'])) ?? [];
    const expected = createHmac('sha256', 'canary').update(`${time}.${told?.body}`).digest('hex');
    assert.equal(signature, expected);
  });
});

contract('names', () => {
  ours('called configmap-reload, by a link, every flag is read as its', async (rig) => {
    const link = join(rig.dir, 'configmap-reload');
    const [node, main = ''] = LASTGOOD.command;
    await symlink(main, link);
    const called = { ...rig.subject, command: [node, link] as const };
    const bare = ended(called);
    assert.equal(bare.status, 1);
    assert.match(bare.stderr, /^Missing volume-dir\n/);
    assert.match(ended(called, '--version').stderr, /^flag provided but not defined: -version\n/);
  });
});

test('lastgood explain without the flags of a reloader is wrong usage', () => {
  const explain = { ...LASTGOOD, command: [...LASTGOOD.command, 'explain'] as const };
  const [none, other, incomplete] = [
    ended(explain),
    ended(explain, '--config=x'),
    ended(explain, '--volume-dir=/config'),
  ];
  assert.equal(none.status, 2);
  assert.match(none.stderr, /explain needs the command line of another reloader \[LG_USAGE\]/);
  assert.equal(other.status, 2);
  assert.match(other.stderr, /these are not flags of configmap-reload/);
  assert.equal(incomplete.status, 1);
  assert.match(incomplete.stderr, /^Missing webhook-url\n/);
});
