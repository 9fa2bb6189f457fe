/** Every example of `examples/checks`: what it takes, and each word of what it says. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { ERRORS } from '@lastgood/core/model/error-codes.ts';
import { CHECK_KINDS, type CheckKind } from '../../sidecar/src/steps/validate/stopwatch.ts';
import { type Example, readExample } from './example.ts';
import { makeServingTls } from './serving-tls.ts';
import { createTrial, shown, type Trial } from './trial.ts';

const CHECKS = join(import.meta.dirname, '../../examples/checks');

/** Bounds, what says nothing of a content, and what a ConfigMap that was written in earnest never holds. */
const NO_SLIPS = [
  'LG_VALIDATE_ALIASES',
  'LG_VALIDATE_EXEC_FAULT',
  'LG_VALIDATE_RESERVED_KEY',
  'LG_VALIDATE_SCHEMA_FAULT',
  'LG_VALIDATE_TOO_DEEP',
  'LG_VALIDATE_TOO_HEAVY',
  'LG_VALIDATE_TOO_MANY',
];

const scratch = mkdtempSync(join(tmpdir(), 'lastgood-examples-'));
after(() => rmSync(scratch, { recursive: true }));
await makeServingTls(join(CHECKS, 'serving-tls'), join(scratch, 'serving-tls'));

const examples = readdirSync(CHECKS)
  .filter((name) => statSync(join(CHECKS, name)).isDirectory())
  .map((name) => readExample(join(name === 'serving-tls' ? scratch : CHECKS, name)));
const kinds = new Set<CheckKind>();

for (const example of examples) describe(`the example ${example.name}`, () => tryOut(example));

function tryOut(example: Example): void {
  const { good, changed, broken } = example;
  let trial: Trial;
  before(async () => {
    trial = await createTrial(example);
  });

  test('is good, alone and after itself', async () => {
    for (const beside of ['nothing', 'good'] as const)
      assert.deepEqual((await trial.verdictOn(good, beside)).findings.map(shown), []);
  });

  for (const { name, content } of changed)
    test(`takes an ordinary change: ${name}`, async () => {
      assert.deepEqual((await trial.verdictOn(content)).findings.map(shown), []);
    });

  for (const { name, content, expected } of broken)
    test(`tells what is wrong: ${name}`, async () => {
      const { accepted, findings } = await trial.verdictOn(content);
      assert.deepEqual(findings.map(shown), expected);
      assert.equal(
        accepted,
        expected.every((line) => line.includes(': warning: ')),
      );
    });

  after(() => {
    for (const kind of trial.kinds) kinds.add(kind);
  });
}

test('every kind of check and every code of a mistake in content is in an example', () => {
  assert.deepEqual([...kinds].toSorted(), CHECK_KINDS.toSorted());
  const lines = examples.flatMap(({ broken }) => broken.flatMap(({ expected }) => expected));
  const said = new Set(lines.map((line) => /\[(\w+)\]$/.exec(line)?.[1]));
  const codes = Object.keys(ERRORS).filter((code) => code.startsWith('LG_VALIDATE_'));
  const unsaid = codes.filter((code) => !said.has(code));
  assert.deepEqual(unsaid.toSorted(), NO_SLIPS);
});

test('every example has a README, an ordinary change and a broken variant', () => {
  for (const { name, changed, broken } of examples) {
    assert.ok(statSync(join(CHECKS, name, 'README.md')).size > 0);
    assert.ok(changed.length > 0 && broken.length > 0, name);
    assert.ok(
      broken.every(({ expected }) => expected.length > 0),
      name,
    );
  }
});
