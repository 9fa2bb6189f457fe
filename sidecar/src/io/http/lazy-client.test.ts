import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { DEADLINE_MS } from '../../../../test/deadline.ts';
import { createLazyHttpClient } from './lazy-client.ts';

const OPTIONS = { proxyEnv: undefined };

async function requestTo(context: TestContext) {
  const server = createServer((_request, response) => response.end());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  context.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/`, method: 'POST', timeoutMs: DEADLINE_MS };
}

test('requests during the load wait for it, and share it', async (context) => {
  const request = await requestTo(context);
  const importCode = context.mock.fn(() => import('./request.ts'));
  const client = createLazyHttpClient(OPTIONS, importCode);
  client.close();
  assert.equal(importCode.mock.callCount(), 0);
  void client.load();
  const all = await Promise.all([client.request(request), client.request(request)]);
  client.close();
  assert.deepEqual(
    all.map(({ type }) => type),
    ['answer', 'answer'],
  );
  assert.equal(importCode.mock.callCount(), 1);
});

test('code that cannot be loaded is a fault of the request, and the next one loads it', async (context) => {
  const request = await requestTo(context);
  let failure: Error | undefined = Object.assign(new Error('too many'), { code: 'EMFILE' });
  const client = createLazyHttpClient(OPTIONS, async () => {
    if (failure !== undefined) throw failure;
    return import('./request.ts');
  });
  // A rejection of either would end the process.
  void client.load();
  client.close();
  const reason = 'the code for HTTP cannot be loaded: EMFILE';
  assert.deepEqual(await client.request(request), { type: 'fault', reason });
  failure = undefined;
  assert.equal((await client.request(request)).type, 'answer');
  client.close();
});
