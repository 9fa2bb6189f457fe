import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { AtomicWriter } from '../kubelet/atomic-writer.ts';
import { type Line, Pod } from './pod.ts';
import { leaksIn, SECRETS, TellTale } from './tell-tale.ts';

test('P8: the words of an app are withheld until the secrets of all bundles are read', async (t) => {
  const pod = await Pod.create(t);
  const app = await TellTale.create(t, pod.dir);
  const source = (name: string) => join(pod.dir, 'sources', name);
  const webhook = { url: app.bareUrl('plain'), retries: { attempts: 1 } };
  const live = (name: string) => join(pod.dir, 'live', name);
  await mkdir(live('plain'), { recursive: true });
  await mkdir(live('secret'), { recursive: true });
  await pod.configured({
    bundles: [
      {
        name: 'plain',
        volumes: [{ path: source('plain') }],
        publish: live('plain'),
        targets: [{ webhook }],
      },
      {
        name: 'secret',
        volumes: [{ path: source('secret'), secret: true }],
        publish: live('secret'),
      },
    ],
  });
  const plain = new AtomicWriter(source('plain'));
  const write = (config: string) =>
    plain.write({ 'config.yaml': { bytes: Buffer.from(config), mode: 0o644 } });
  const isEnd = (bundle: string, outcome: string) => (line: Line) =>
    line.bundle === bundle && line.outcome === outcome;
  const refusal = async (since: number) => {
    await pod.line(isEnd('plain', 'rolled-back'), 'the rollback', since);
    const shown = JSON.stringify(pod.lines) + (await pod.page('/status')).text;
    assert.deepEqual(leaksIn(shown), []);
    const isRefusal = ({ result }: Line) => result === 'refused';
    return String((await pod.line(isRefusal, 'the refusal', since)).msg);
  };

  await write('mode: ok\n');
  pod.start();
  await pod.line(isEnd('plain', 'committed'), 'the first version');
  let since = pod.lines.length;
  await write('mode: refused\n');
  const withheld = / refused: the reason is withheld until lastgood has read the secrets of all /;
  assert.match(await refusal(since), withheld);

  const files = Object.entries(SECRETS).map(([name, secret]) => {
    return [name, { bytes: Buffer.from(secret), mode: 0o644 }] as const;
  });
  await new AtomicWriter(source('secret')).write(Object.fromEntries(files));
  await pod.line(isEnd('secret', 'committed'), 'the secrets');
  since = pod.lines.length;
  await write('mode: refused\nb: 1\n');
  assert.match(await refusal(since), / refused: .*xxxxx xxxxx/);
});
