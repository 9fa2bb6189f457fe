import assert from 'node:assert/strict';
import { lookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { createLookup } from './lookup.ts';

test('lastgood asks the system for localhost once, and for any other name each time', async () => {
  const asked: string[] = [];
  let isDown = true;
  const ask: LookupFunction = (hostname, options, done) => {
    asked.push(hostname);
    if (isDown) done(Object.assign(new Error('down'), { code: 'EAI_AGAIN' }), []);
    else lookup(hostname, options, done);
  };
  const resolve = promisify(createLookup(ask));
  await assert.rejects(resolve('localhost', { all: true }), { code: 'EAI_AGAIN' });
  isDown = false;
  const first = await resolve('localhost', { all: true });
  assert.deepEqual(await resolve('localhost', { all: true }), first);
  assert.deepEqual(asked, ['localhost', 'localhost']);
  for (let count = 0; count < 2; count++) await resolve('127.0.0.1', { all: true });
  assert.equal(asked.length, 4);
});
