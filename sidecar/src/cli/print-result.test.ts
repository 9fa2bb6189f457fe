import assert from 'node:assert/strict';
import { test } from 'node:test';
import { endsContainer, type ProcessFacts } from './print-result.ts';

const CASES: readonly (readonly [what: string, facts: ProcessFacts, expected: boolean])[] = [
  ['the sidecar', { pid: 1, ppid: 0, initName: 'node', isCommand: false }, true],
  ['validate as an init container', { pid: 1, ppid: 0, initName: 'node', isCommand: true }, true],
  ['the child of a shell', { pid: 7, ppid: 1, initName: 'sh', isCommand: false }, true],
  ['kubectl exec', { pid: 30, ppid: 0, initName: 'node', isCommand: true }, false],
  ['kubectl exec in a shell', { pid: 31, ppid: 30, initName: 'node', isCommand: true }, false],
  ['kubectl exec of the sidecar', { pid: 30, ppid: 0, initName: 'node', isCommand: false }, false],
  [
    'the sidecar of a pod with shareProcessNamespace',
    { pid: 20, ppid: 0, initName: 'pause', isCommand: false },
    true,
  ],
  ['kubectl exec in such a pod', { pid: 40, ppid: 0, initName: 'pause', isCommand: true }, false],
];

for (const [what, facts, expected] of CASES)
  test(`${what} ${expected ? 'writes' : 'does not write'} the termination log`, () => {
    assert.equal(endsContainer(facts), expected);
  });
