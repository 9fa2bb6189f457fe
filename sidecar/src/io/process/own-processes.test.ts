import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Command, isLastgood, seesOnlyItsContainer } from './own-processes.ts';

const PROGRAM = '/usr/local/lib/lastgood/lastgood.js';

const NODE = ['/usr/local/bin/node', '--max-old-space-size=32', PROGRAM];
const LAUNCHER = ['/usr/local/bin/lastgood', '--config', '/etc/lastgood/lastgood.yaml'];
const DOCTOR = { pid: 30, argv: [...NODE, 'doctor'] };
const APP = { pid: 40, argv: ['node', '/app.mjs'] };

type Case = readonly [what: string, table: readonly Command[], isAlone: boolean];

const CASES: readonly Case[] = [
  [
    'the container of the image, where lastgood.c is the first process',
    [{ pid: 1, argv: LAUNCHER }, { pid: 7, argv: NODE }, DOCTOR],
    true,
  ],
  [
    'a command of kubectl exec beside it',
    [
      { pid: 1, argv: ['lastgood'] },
      { pid: 7, argv: NODE },
      { pid: 50, argv: ['sleep', '9'] },
    ],
    true,
  ],
  ['Node as the first process', [{ pid: 1, argv: NODE }, DOCTOR], true],
  [
    'a shared namespace',
    [{ pid: 1, argv: ['/pause'] }, { pid: 7, argv: NODE }, DOCTOR, APP],
    false,
  ],
  [
    'a container of the app and lastgood with another first process',
    [{ pid: 1, argv: ['tini', '--', 'start'] }, { pid: 7, argv: NODE }, APP],
    false,
  ],
];

for (const [what, table, isAlone] of CASES)
  test(`${what} ${isAlone ? 'shows only that container' : 'shows the app too'}`, () => {
    assert.equal(seesOnlyItsContainer(table, PROGRAM), isAlone);
  });

test('P9: the first process of the image and our parent are lastgood, and no other process of that name', () => {
  assert.ok(isLastgood({ pid: process.ppid, argv: LAUNCHER }, PROGRAM));
  assert.ok(isLastgood({ pid: 1, argv: LAUNCHER }, PROGRAM));
  assert.ok(!isLastgood({ pid: 9, argv: LAUNCHER }, PROGRAM));
  // The names of the reloaders that lastgood replaces are links to it.
  const link = '/usr/local/lib/lastgood/configmap-reload';
  assert.ok(isLastgood({ pid: 1, argv: ['/usr/local/bin/configmap-reload'] }, link));
});
