import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryDirectory } from '../../../../test/kubelet/temporary-directory.ts';
import { type ConfirmBaseline, openBaselineStore } from './metric.ts';

const NOTED: ConfirmBaseline = { wallMs: 1_700_000_000_000, newest: 5.5, sum: 7 };

test('P7: the next sidecar knows the baselines, even an empty one', async (t) => {
  const path = join(temporaryDirectory(t), 'confirm.json');
  const nothing: ConfirmBaseline = { wallMs: 1, newest: -Infinity, sum: undefined };
  const notes = openBaselineStore(path);
  await notes.add('there', NOTED);
  await notes.add('back', nothing);
  const later = openBaselineStore(path);
  assert.deepEqual(await later.find('there'), NOTED);
  const back = await later.find('back');
  assert.deepEqual([back?.newest, back?.sum], [-Infinity, undefined]);
  assert.equal(await later.find('other'), undefined);
});

test('only the newest baselines are kept', async (t) => {
  const path = join(temporaryDirectory(t), 'confirm.json');
  const notes = openBaselineStore(path);
  for (let count = 0; count < 100; count++) await notes.add(`r${count}`, NOTED);
  for (const each of [notes, openBaselineStore(path)]) {
    assert.deepEqual(await each.find('r99'), NOTED);
    assert.deepEqual(await each.find('r92'), NOTED);
    assert.equal(await each.find('r91'), undefined);
  }
});

test('a file that was cut off counts as missing', async (t) => {
  const path = join(temporaryDirectory(t), 'confirm.json');
  for (const text of ['', '[["a",', 'null', '{}', '[null]', '[["a",null]]']) {
    writeFileSync(path, text);
    assert.equal(await openBaselineStore(path).find('a'), undefined, text);
  }
});

test('a baseline that cannot be written is kept in memory', async (t) => {
  const path = join(temporaryDirectory(t), 'confirm.json');
  mkdirSync(path);
  const notes = openBaselineStore(path);
  await notes.add('there', NOTED);
  assert.deepEqual(await notes.find('there'), NOTED);
});
