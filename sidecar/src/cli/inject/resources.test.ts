import assert from 'node:assert/strict';
import { test } from 'node:test';
import { edited, inject, type Manifest, refusals } from './plan.testing.ts';

/** A pod with resources of the whole pod, and those of its container. */
function podWith(ofPod: object, own: object = {}, edit: (spec: Manifest) => void = () => {}) {
  return edited('one-container', (spec) => {
    spec.resources = ofPod;
    spec.containers[0].resources = own;
    edit(spec);
  });
}

/** Without what a text that inject takes has too. */
function problems(text: string): readonly string[] {
  return refusals(text).filter((each) => !each.includes('LG_INJECT_NOTHING'));
}

const SIDE_BY_SIDE = { requests: { memory: '68Mi' } };

test('requests of the pod have room for lastgood beside the containers of the app', () => {
  const requests = { memory: '100Mi' };
  assert.deepEqual(problems(podWith({ requests }, SIDE_BY_SIDE)), []);
  const [refusal, ...others] = problems(podWith({ requests: { memory: '99Mi' } }, SIDE_BY_SIDE));
  assert.match(refusal ?? '', /requests 99Mi of memory.*\(32Mi\) \[LG_INJECT_REQUESTS\]/);
  assert.deepEqual(others, []);
});

test('a sum of fractions is exact', () => {
  const ofPod = { requests: { cpu: '60m' } };
  assert.deepEqual(problems(podWith(ofPod, { requests: { cpu: '10m' } })), []);
  const high = problems(podWith(ofPod, { requests: { cpu: '11m' } }));
  assert.match(high.join(), /60m of cpu.*LG_INJECT_REQUESTS/);
});

test('an init container runs beside lastgood, and not beside the app', () => {
  const init = (memory: string) => (spec: Manifest) => {
    spec.initContainers = [{ name: 'init', image: 'i:1', resources: { requests: { memory } } }];
  };
  const requests = { memory: '100Mi' };
  assert.deepEqual(problems(podWith({ requests }, SIDE_BY_SIDE, init('68Mi'))), []);
  assert.match(
    refusals(podWith({ requests }, SIDE_BY_SIDE, init('69Mi'))).join(),
    /LG_INJECT_REQUESTS/,
  );
});

test('limits of the pod are at least those of lastgood', () => {
  assert.deepEqual(problems(podWith({ limits: { cpu: 1, memory: '64Mi' } })), []);
  const found = problems(podWith({ limits: { cpu: '90m', memory: '63Mi' } }));
  assert.match(found.join('\n'), /limit of 90m of cpu.*\(100m\) \[LG_INJECT_LIMITS\]\n/);
  assert.match(found.join('\n'), /limit of 63Mi of memory.*\(64Mi\) \[LG_INJECT_LIMITS\]$/);
});

test('a memory limit of the pod that the app may need all of is a note', () => {
  const limits = { memory: '164Mi' };
  const notesOf = (text: string) =>
    inject(text).notes.filter((each) => each.includes('memory limit'));
  const isLow = /the memory limit of the pod, 164Mi, is now also for lastgood, .* 64Mi: raise it/;
  assert.match(notesOf(podWith({ limits })).join(), isLow);
  assert.match(notesOf(podWith({ limits }, { limits: { memory: '101Mi' } })).join(), isLow);
  assert.deepEqual(notesOf(podWith({ limits }, { limits: { memory: '100Mi' } })), []);
  assert.deepEqual(notesOf(podWith({})), []);
});

test('in a pod of the class Guaranteed, lastgood requests its limits', () => {
  const limits = { cpu: 1, memory: '100Mi' };
  const ofPod = (memory: string) => ({ requests: { memory }, limits: { memory: '1Gi' } });
  assert.deepEqual(problems(podWith(ofPod('164Mi'), { limits, requests: limits })), []);
  const low = refusals(podWith(ofPod('163Mi'), { limits, requests: limits }));
  assert.match(low.join(), /\(64Mi\) \[LG_INJECT_REQUESTS\]/);
  const { sidecar } = inject(podWith(ofPod('164Mi'), { limits, requests: limits }));
  assert.equal(sidecar.resources.requests.memory, '64Mi');
});
