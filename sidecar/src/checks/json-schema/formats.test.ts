import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { Ajv } from 'ajv';
import formats from 'ajv-formats';
import { fc } from '../../../../test/property.ts';
import { check, fileOf, saidOf, schemaFile } from '../../steps/validate/snapshot.testing.ts';
import { acceptPlainUris, SCHEMA_FORMATS } from './formats.ts';

const QUANTITIES = ['0', '2', '-1', '+1', '1.5', '1.', '.5', '100m', '1.5Gi', '1e3', '1E-3', '1E'];
const NO_QUANTITIES = ['', 'x', '1 Gi', '1gi', '1KI', '1K', '1Gi ', '1e', '1.2.3', '1e1.5', 'Gi'];
const DURATIONS = ['0', '30s', '1h30m', '250ms', '1.5h', '-5m', '.5s', '1µs', '1μs', '1us', '3ns'];
const NO_DURATIONS = ['', '30', '1d', '1h 30m', 'PT30S', '1H', 's', '1.2.3s', '5 m'];

for (const [name, good, bad] of [
  ['quantity', QUANTITIES, NO_QUANTITIES],
  ['go-duration', DURATIONS, NO_DURATIONS],
] as const)
  test(`the format ${name} accepts what Kubernetes accepts`, () => {
    const { pattern } = SCHEMA_FORMATS[name];
    assert.deepEqual(
      good.filter((text) => !pattern.test(text)),
      [],
    );
    assert.deepEqual(
      bad.filter((text) => pattern.test(text)),
      [],
    );
  });

async function saidBy(t: TestContext, format: string, content: string, secret = false) {
  const schema = await schemaFile(t, { properties: { a: { format } } });
  return saidOf(fileOf('a.yaml', content, secret), [check('*', { schema })]);
}

test('a text that is not of the format is reported with what it must be', async (t) => {
  assert.deepEqual(await saidBy(t, 'quantity', 'a: 2 GB\n'), [
    'a.yaml:1:4: /a must be a Kubernetes quantity such as 500m or 2Gi (is "2 GB") [LG_VALIDATE_SCHEMA]',
  ]);
  assert.deepEqual(await saidBy(t, 'go-duration', 'a: 30\n'), []);
  assert.deepEqual(await saidBy(t, 'go-duration', 'a: "30"\n', true), [
    'a.yaml:1:4: /a must be a duration such as 250ms, 30s or 1h30m [LG_VALIDATE_SCHEMA]',
  ]);
});

test('the format duration stays that of JSON Schema', async (t) => {
  assert.deepEqual(await saidBy(t, 'duration', 'a: PT30S\n'), []);
  assert.equal((await saidBy(t, 'duration', 'a: 30s\n')).length, 1);
});

test('a long text is refused in no time', () => {
  for (const { pattern } of Object.values(SCHEMA_FORMATS))
    for (const piece of ['1', '1s', '.', '1.'])
      assert.equal(pattern.test(`${piece.repeat(100_000)}!`), false);
});

test('a URI is accepted exactly if ajv-formats accepts it', () => {
  const [ours, theirs] = [new Ajv(), new Ajv()];
  for (const ajv of [ours, theirs]) formats.default(ajv);
  acceptPlainUris(ours);
  const start = fc.constantFrom('s3://models/a', 'HTTPS://', 'urn:a', '');
  const plain = fc.constantFrom('s3', 'HTTP', 'a.b', '://', ':', '/', '8080', '~-_', '+');
  const special = fc.constantFrom('%2f', '%', '@', '[::1]', '?q=1', '#', ' ', '\n', 'ſ', 'K');
  const end = fc.array(fc.oneof(plain, special), { maxLength: 8 }).map((all) => all.join(''));
  for (const format of ['uri', 'uri-reference']) {
    const [isUri, isTheirs] = [ours, theirs].map((ajv) => ajv.compile({ format }));
    const isSame = (head: string, tail: string) =>
      assert.equal(isUri?.(head + tail), isTheirs?.(head + tail), head + tail);
    fc.assert(fc.property(start, end, isSame), { numRuns: 2_000 });
  }
});
