import assert from 'node:assert/strict';
import { test } from 'node:test';
import { didYouMean, isMisspelling, suggestion } from './did-you-mean.ts';

const KEYS = ['webhook', 'stateDir', 'bundles', 'at', 'path', 'publish'];

for (const [word, meant] of [
  ['webhok', 'webhook'],
  ['state_dir', 'stateDir'],
  ['statedir', 'stateDir'],
  ['bundel', 'bundles'],
  ['pubilsh', 'publish'],
  ['ta', 'at'],
  ['pathe', 'path'],
] as const)
  test(`${word} suggests ${meant}`, () => {
    assert.equal(didYouMean(word, KEYS), meant);
  });

test('a word that resembles no candidate gets no suggestion', () => {
  assert.equal(didYouMean('frobnicate', KEYS), undefined);
  assert.equal(suggestion('frobnicate', KEYS), '');
  assert.equal(didYouMean('w'.repeat(100_000), KEYS), undefined);
});

test('one typing mistake is a misspelling, and another word or number is not', () => {
  for (const [name, other] of [
    ['workers', 'worker'],
    ['ngnix', 'nginx'],
    ['batch_size', 'batchSize'],
  ] as const)
    assert.ok(isMisspelling(name, other), name);
  for (const [name, other] of [
    ['cpu', 'gpu'],
    ['replicas_2', 'replicas_3'],
    ['pool', 'queue'],
    ['w'.repeat(100_000), 'v'.repeat(100_000)],
  ] as const)
    assert.ok(!isMisspelling(name, other), name);
});
