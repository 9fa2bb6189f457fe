import assert from 'node:assert/strict';
import { test } from 'node:test';
import { doctorPage } from './doctor-page.ts';
import { kubernetesPage } from './kubernetes-page.ts';

test('docs/doctor.md says what the rules of doctor say', async () => {
  const { actual, expected } = await doctorPage();
  assert.equal(actual, expected, 'node test/docs/doctor-page.ts --write');
});

test('docs/kubernetes.md says what the table of versions says', () => {
  const { actual, expected } = kubernetesPage();
  assert.equal(actual, expected, 'node test/docs/kubernetes-page.ts --write');
});
