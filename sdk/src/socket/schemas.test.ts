import assert from 'node:assert/strict';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';
import { test } from 'node:test';
import { connect } from './connected.testing.ts';
import { StandIn } from './stand-in.testing.ts';

const FIRST = { file: 'a', schema: { type: 'string' } } as const;
const SECOND = { keys: 'db', schema: { type: 'object' } } as const;

/** What the sidecar gets, and what it answers: a status, or problems. */
async function withSchemas(t: Parameters<typeof connect>[0], ...answers: (number | string[])[]) {
  const sidecar = await StandIn.listen(t, { a: '1' });
  const taken: { readonly path: string; readonly body: unknown }[] = [];
  const waiting = new Set<() => void>();
  sidecar.instead.set('/schemas', async (request: IncomingMessage, response: ServerResponse) => {
    taken.push({ path: `${request.method} ${request.url}`, body: await json(request) });
    const answer = answers.shift() ?? [];
    const isFault = typeof answer === 'number';
    response.writeHead(isFault ? answer : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(isFault ? { message: 'no' } : { problems: answer }));
    for (const wake of waiting) wake();
  });
  const until = async (count: number) => {
    while (taken.length < count) await new Promise<void>((resolve) => waiting.add(resolve));
  };
  const { provider, start } = connect(t, sidecar);
  const problems: string[] = [];
  const set = (...schemas: readonly (typeof FIRST | typeof SECOND)[]) =>
    provider.setSchemas?.(schemas, (problem) => problems.push(problem));
  return { sidecar, taken, until, start, set, problems };
}

test('schemas are sent once the sidecar knows the app, with each new one and at each connection', async (t) => {
  const { sidecar, taken, until, start, set } = await withSchemas(t);
  set(FIRST);
  await start();
  await until(1);
  set(FIRST, SECOND);
  await until(2);
  sidecar.cut();
  await until(3);
  await sidecar.restart();
  await until(4);
  const path = 'PUT /v1/subscribers/s1/schemas';
  const both = { schemas: [FIRST, SECOND] };
  assert.deepEqual(taken.slice(0, 3), [
    { path, body: { schemas: [FIRST] } },
    { path, body: both },
    { path, body: both },
  ]);
  assert.deepEqual(taken[3]?.body, both);
});

test('an app without schemas sends none', async (t) => {
  const { taken, sidecar, start, set, until } = await withSchemas(t);
  await start();
  sidecar.cut();
  await sidecar.untilStreams(2);
  assert.equal(taken.length, 0);
  set(FIRST);
  await until(1);
  assert.deepEqual(taken[0]?.body, { schemas: [FIRST] });
});

test('schemas that a fault has lost are sent again, and those that are refused are not', async (t) => {
  const { taken, until, start, set, problems } = await withSchemas(t, 503, ['a: is wrong'], 413);
  set(FIRST);
  await start();
  await until(2);
  set(FIRST, SECOND);
  await until(3);
  set(SECOND);
  await until(4);
  assert.deepEqual(
    taken.map(({ body }) => (body as { schemas: unknown[] }).schemas.length),
    [1, 1, 2, 1],
  );
  assert.deepEqual(problems, ['a: is wrong', 'no']);
});
