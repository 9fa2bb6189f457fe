import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findingsInText } from '../doctor/doctor.testing.ts';
import { refusals } from '../inject/plan.testing.ts';

/** Larger than any script: with the square of their length, each would take minutes. */
const SCRIPTS: Readonly<Record<string, string>> = {
  'beginnings of loops': 'while do '.repeat(50_000),
  'requests in a loop': `while do ${'curl a '.repeat(50_000)}`,
  'blank lines': `inotifywait${'\n'.repeat(500_000)}.`,
};

for (const [what, script] of Object.entries(SCRIPTS))
  test(`a script with many ${what} is read in one pass`, async () => {
    const command = JSON.stringify(['sh', '-c', script]);
    const manifest = `apiVersion: v1
kind: Pod
metadata: { name: a }
spec:
  containers:
    - { name: a, image: a:1, command: ${command}, volumeMounts: [{ name: c, mountPath: /c }] }
  volumes: [{ name: c, configMap: { name: c } }]
`;
    assert.deepEqual(await findingsInText(manifest), []);
    refusals(manifest);
  });
