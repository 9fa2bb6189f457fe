import assert from 'node:assert/strict';
import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { ERRORS } from '@lastgood/core/model/error-codes.ts';
import type { ProtocolEvent } from '@lastgood/core/model/sdk-protocol.ts';
import type { Version } from '@lastgood/core/model/snapshot.ts';
import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { parse } from 'yaml';
import {
  FakeBundle,
  routesOf,
  serving,
  snapshotOf,
} from '../../sidecar/src/subscribers/server/server.testing.ts';

const PAGE = readFileSync(new URL('../../docs/protocol.md', import.meta.url), 'utf8');
const OPENAPI = parse(
  readFileSync(new URL('../../docs/protocol.openapi.yaml', import.meta.url), 'utf8'),
);

const ajv = new Ajv2020({ strict: false });
ajv.addSchema({ $id: 'lastgood:protocol', components: OPENAPI.components });

/** Why the value does not match the schema of this name in the OpenAPI file; null if it does. */
function mismatch(schema: string, value: unknown): string | null {
  const validate = ajv.getSchema(`lastgood:protocol#/components/schemas/${schema}`);
  assert.ok(validate, schema);
  return validate(value) ? null : ajv.errorsText(validate.errors);
}

function blocksOf(language: string): readonly string[] {
  const blocks = PAGE.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'));
  return [...blocks].map(([, block = '']) => block);
}

/** First cells of the rows of a table in code, each with the rest of its row. */
function rowsBelow(heading: string): readonly (readonly [first: string, rest: string])[] {
  const section = PAGE.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  return [...section.matchAll(/^\| `([^`]+)` \| (.*) \|$/gm)].map(([, a = '', b = '']) => [a, b]);
}

test('docs/protocol.openapi.yaml is valid OpenAPI', async () => {
  const { valid, errors } = await new Validator().validate(structuredClone(OPENAPI));
  assert.ok(valid, JSON.stringify(errors));
});

test('the server, the OpenAPI file and the page have the same requests', () => {
  const described = Object.entries<object>(OPENAPI.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  assert.deepEqual(routesOf().toSorted(), described.toSorted());
  const onPage = rowsBelow('Requests').map(([request]) => request);
  assert.deepEqual(
    onPage.filter((request) => request.includes('/v1/')).toSorted(),
    described.toSorted(),
  );
});

test('the page has each event, with data that matches its schema', () => {
  const rows = rowsBelow('Events').filter(([name]) => /^[a-z]+$/.test(name));
  const events = rows.filter(([, rest]) => rest.startsWith('`{'));
  const branches: { properties: { event: { const?: string; enum?: string[] } } }[] =
    OPENAPI.components.schemas.Event.oneOf;
  const names = branches.flatMap(({ properties: { event } }) => event.enum ?? [event.const]);
  assert.deepEqual(events.map(([name]) => name).toSorted(), names.toSorted());
  for (const [event, rest] of events) {
    const json = /^`(.*?)`/.exec(rest)?.[1]?.replaceAll('sha256:…', `sha256:${'0'.repeat(64)}`);
    assert.equal(mismatch('Event', { event, data: JSON.parse(json ?? '') }), null, event);
  }
});

test('the verdicts on the page are those of the OpenAPI file', () => {
  const { verdict } = OPENAPI.components.schemas.Ack.properties;
  const rows = rowsBelow('Events').filter(([name]) => verdict.enum.includes(name));
  assert.deepEqual(
    rows.map(([name]) => name),
    verdict.enum,
  );
});

test('the bodies on the page match their schemas', () => {
  const bodies = blocksOf('json').flatMap((block) =>
    block.startsWith('{\n') ? [block] : block.trimEnd().split('\n'),
  );
  for (const body of bodies.map((text) => JSON.parse(text))) {
    const schemas = body.schemas ?? [];
    for (const schema of schemas) assert.equal(mismatch('SubscriberSchema', schema), null);
    if ('verdict' in body) assert.equal(mismatch('Ack', body), null);
    if ('code' in body) assert.equal(mismatch('Error', body), null);
    if ('files' in body) assert.equal(mismatch('BundleContent', body), null);
  }
});

test('each code on the page is one of lastgood', () => {
  for (const [code = ''] of PAGE.matchAll(/LG_[A-Z_]+/g)) assert.ok(code in ERRORS, code);
  const { hint } = JSON.parse(blocksOf('json').find((block) => block.includes('"hint"')) ?? '');
  assert.equal(hint, ERRORS.LG_SDK_NOT_READY.hint);
});

const hasCurl = spawnSync('curl', ['--version']).status === 0;

test('the session with curl is what happens', { skip: !hasCurl && 'no curl here' }, async (t) => {
  // No heartbeat comes between the events, however long they take.
  t.mock.timers.enable({ apis: ['setInterval'] });
  const streams = blocksOf('text').join('\n').trimEnd().split('\n\n').map(eventIn);
  const [hello, start, state, prepare, commit] = streams;
  assert.ok(hello?.event === 'hello' && start?.event === 'start' && prepare?.event === 'prepare');
  const bundle = new FakeBundle('model', contentOf(start.data.version, 'batch_size: 16\n'));
  bundle.newId = () => hello.data.subscriber;
  const { path } = await serving(t, [bundle]);
  const [file = '', subscribe = '', ack = '', answer = '', leave = ''] = blocksOf('sh').map(
    (block) => block.replaceAll('/lastgood/run/sdk.sock', path),
  );
  const run = async (script: string) => (await promisify(execFile)('sh', ['-c', script])).stdout;
  assert.equal(await run(file), 'batch_size: 16\n');

  const curl = spawn('sh', ['-c', `exec ${subscribe}`], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => curl.kill('SIGKILL'));
  const closed = once(curl, 'close');
  const lines: string[] = [];
  const reading = createInterface(curl.stdout).on('line', (line) => lines.push(line));
  await once(reading, 'line');
  const { last } = bundle;
  if (state !== undefined) last.connection.send(state);
  const said: string[] = [await run(ack)];
  last.contents.set(prepare.data.version, contentOf(prepare.data.version, 'batch_size: 32\n'));
  last.connection.send(prepare);
  said.push(await run(answer));
  if (commit !== undefined) last.connection.send(commit);
  await run(leave);
  await closed;

  const shown = `${lines.join('\n')}\n`.trimEnd();
  assert.equal(shown, blocksOf('text').join('\n').trimEnd());
  assert.deepEqual(
    last.acks.map(({ event }) => event),
    ['start', 'prepare'],
  );
  assert.deepEqual(said, blocksOf('json').slice(0, 2));
});

function eventIn(text: string): ProtocolEvent {
  const [, event, data = ''] = /event: (.*)\ndata: (.*)/.exec(text) ?? [];
  return { event, data: JSON.parse(data) } as ProtocolEvent;
}

function contentOf(version: Version, text: string) {
  return { ...snapshotOf(0, { 'config.yaml': text }), version };
}
