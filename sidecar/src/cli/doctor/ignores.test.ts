import assert from 'node:assert/strict';
import { test } from 'node:test';
import { saidOfManifest } from './doctor.testing.ts';

function pod(image: string, annotations = ''): string {
  return `apiVersion: v1
kind: Pod
metadata: { name: a${annotations} }
spec:
  containers:
    - name: a
${image}
`;
}

const FOUND = /\[LG_DOCTOR_LATEST\]$/;

test('a comment with a reason ignores a finding on its line or on the next one', async () => {
  const above = '      # doctor-ignore LG_DOCTOR_LATEST: a demo\n      # of ours\n';
  assert.deepEqual(await saidOfManifest(pod(`${above}      image: a`)), []);
  const beside = '      image: a # doctor-ignore LG_DOCTOR_LATEST: a demo';
  assert.deepEqual(await saidOfManifest(pod(beside)), []);
});

test('an annotation with a reason ignores all findings of its object', async () => {
  const annotation = ', annotations: { doctor.lastgood.dev/LG_DOCTOR_LATEST: a demo }';
  const more = '      image: a\n    - { name: b, image: b:latest }';
  assert.deepEqual(await saidOfManifest(pod(more, annotation)), []);
  const [said] = await saidOfManifest(`${pod('      image: a:1', annotation)}---\n${pod(more)}`);
  assert.match(said ?? '', /^warning m\.yaml:3:.* LG_DOCTOR_LATEST matches no finding/);
});

test('an ignore without a reason, without a finding or of an unknown code is a finding', async () => {
  const said = async (ignore: string) =>
    saidOfManifest(pod(`      # doctor-ignore ${ignore}\n      image: a`));
  assert.deepEqual(await said('LG_DOCTOR_LATEST'), [
    'warning m.yaml:7:7: the ignore of LG_DOCTOR_LATEST has no reason [LG_DOCTOR_IGNORE]',
  ]);
  const [unused, found] = await said('LG_DOCTOR_ENV: a demo');
  assert.match(unused ?? '', /LG_DOCTOR_ENV matches no finding/);
  assert.match(found ?? '', FOUND);
  assert.match((await said('LG_DOCTOR_LATE: a demo'))[0] ?? '', /LG_DOCTOR_LATE names no code/);
});

test('an ignore is about its own line only', async () => {
  const ignore = '# doctor-ignore LG_DOCTOR_LATEST: a demo';
  const said = await saidOfManifest(pod(`      image: a ${ignore}\n    - { name: b, image: b }`));
  assert.match(said.join('\n'), /^warning m\.yaml:8:.*LATEST\]$/);
});
