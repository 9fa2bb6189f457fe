import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { DEADLINE_MS } from '../../../../test/deadline.ts';
import { issue } from '../../checks/certificates/certificate.testing.ts';
import { exchangeOver } from './exchange.ts';
import { PLAIN_REQUEST } from './options.testing.ts';
import { directory, listening } from './server.testing.ts';
import { createTlsAgents } from './tls-agents.ts';

const LONG = { from: '2020-01-01T00:00:00Z', to: '2049-01-01T00:00:00Z' };

/** Agents for an app that holds what asks for `/held`. */
async function agentsFor(t: TestContext) {
  const authority = await issue({ name: 'authority', ca: true, ...LONG });
  const app = await issue({ name: 'localhost', by: authority, ...LONG });
  const caFile = join(await directory(t), 'ca.crt');
  const server = https.createServer(
    { key: app.key, cert: app.certificate },
    ({ url }, response) => void (url === '/held' ? server.emit('held', response) : response.end()),
  );
  await listening(t, server);
  const { port } = server.address() as AddressInfo;
  const agents = createTlsAgents({});
  t.after(() => agents.close());
  const tls = { ...PLAIN_REQUEST.tls, caFile };
  const ask = async (path: string) => {
    const agent = await agents.agentFor(tls, true);
    assert.ok(agent instanceof https.Agent);
    const what = { url: `https://localhost:${port}${path}`, method: 'GET', timeoutMs: DEADLINE_MS };
    return exchangeOver(agent, what);
  };
  const rotate = (comment: string) => writeFile(caFile, `${comment}\n${authority.certificate}`);
  await rotate('first');
  return { agents, server, ask, rotate };
}

async function held(server: https.Server): Promise<ServerResponse> {
  const [response] = await once(server, 'held');
  return response;
}

test('a rotation lets a running request end', { timeout: DEADLINE_MS }, async (t) => {
  const { server, ask, rotate } = await agentsFor(t);
  const asked = ask('/held');
  const response = await held(server);
  await rotate('second');
  assert.equal((await ask('/')).type, 'answer');
  response.end();
  assert.equal((await asked).type, 'answer');
});

test('requests that outlive a rotation end when the client is closed', async (t) => {
  const { agents, server, ask, rotate } = await agentsFor(t);
  const asked = ask('/held');
  await held(server);
  await rotate('second');
  await ask('/');
  agents.close();
  assert.deepEqual(await asked, { type: 'fault', reason: 'ECONNRESET' });
});
