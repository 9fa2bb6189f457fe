import assert from 'node:assert/strict';
import { test } from 'node:test';
import { didYouMean, suggestion } from './did-you-mean.ts';

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
