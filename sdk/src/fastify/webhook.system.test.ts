import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fastify } from 'fastify';
import { z } from 'zod';
import { Pod } from '../../../test/pipeline/pod.ts';
import { connect } from '../connect.ts';
import { lastgoodPlugin } from './index.ts';

const schema = z.object({ batch_size: z.number().max(64) });

function sized(size: number) {
  return { 'config.yaml': `batch_size: ${size}\n` };
}

/** A sidecar that publishes, and an app with the SDK that it notifies and asks for its version. */
async function startPod(t: TestContext) {
  const pod = await Pod.create(t);
  const [socket, keyFile] = [join(pod.dir, 'app.sock'), join(pod.dir, 'key')];
  writeFileSync(keyFile, 'an-example-key\n');
  const url = (path: string) => `unix:${socket}:${path}`;
  const webhook = { url: url('/admin/reload'), auth: { hmac: { keyFile } } };
  const http = { url: url('/health/config'), version: { json: 'version' } };
  Object.assign(pod.bundle, {
    targets: [{ webhook }],
    confirm: { within: '1m', hold: '0ms', http },
  });
  await pod.configured();
  await pod.write(sized(8));
  pod.start();

  const config = await connect({ directory: pod.live, file: 'config.yaml', schema });
  const app = fastify();
  t.after(() => app.close());
  const reload = { path: '/admin/reload', keyFile };
  await app.register(lastgoodPlugin, { config, health: '/health/config', reload });
  await app.listen({ path: socket });
  await pod.outcome('committed');
  return { pod, config };
}

test('the sidecar commits what the app takes, and rolls back what it refuses, with the reason', async (t) => {
  const { pod, config } = await startPod(t);
  const push = async (size: number, outcome: string) => {
    const since = pod.lines.length;
    await pod.write(sized(size));
    return pod.outcome(outcome, since);
  };
  await push(16, 'committed');
  assert.deepEqual(config.current, { batch_size: 16 });

  const refused = await push(128, 'rolled-back');
  assert.match(JSON.stringify(refused), /config\.yaml:1:13: \/batch_size .*64/);
  assert.deepEqual([config.current, await pod.published()], [{ batch_size: 16 }, sized(16)]);

  await push(32, 'committed');
  assert.deepEqual([config.current, config.state.status], [{ batch_size: 32 }, 'ok']);
});
