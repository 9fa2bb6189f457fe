import assert from 'node:assert/strict';
import { test } from 'node:test';
import { goDuration } from './go-duration.ts';

for (const [text, ms] of [
  ['0', 0],
  ['0s', 0],
  ['-0', 0],
  ['1m30s', 90_000],
  ['3m0s', 180_000],
  ['1.5h', 5_400_000],
  ['.5s', 500],
  ['1.s', 1_000],
  ['500ms', 500],
  ['1us', 1],
  ['1\u00b5s', 1],
  ['1\u03bcs', 1],
  ['0.1s', 100],
  ['+2s', 2_000],
  ['1s1ns', 1_001],
  ['100000h', 2 ** 31 - 1],
] as const)
  test(`${text} is ${ms} ms`, () => {
    assert.deepEqual(goDuration(text), { ms });
  });

for (const [text, problem] of [
  ['', 'time: invalid duration ""'],
  ['s', 'time: invalid duration "s"'],
  ['.', 'time: invalid duration "."'],
  ['1s x', 'time: unknown unit "s x" in duration "1s x"'],
  ['3', 'time: missing unit in duration "3"'],
  ['1m3', 'time: missing unit in duration "1m3"'],
  ['1d', 'time: unknown unit "d" in duration "1d"'],
  ['1toString', 'time: unknown unit "toString" in duration "1toString"'],
  ['-1s', 'duration "-1s" is less than 0'],
] as const)
  test(`"${text}" is none`, () => {
    assert.deepEqual(goDuration(text), { problem });
  });
