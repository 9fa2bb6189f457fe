import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { PROMETHEUS_IMAGE } from '../images/prometheus.ts';
import { followPage } from '../pages/follow-page.ts';

const PROMETHEUS = join(import.meta.dirname, '../../../examples/quickstart/prometheus.yaml');

test('the quick start does what it says, line by line', async (t) => {
  const [, image] = /image: (\S+)/.exec(readFileSync(PROMETHEUS, 'utf8')) ?? [];
  assert.equal(PROMETHEUS_IMAGE, `docker.io/${image}`);
  await followPage(t, 'docs/quickstart.md', ['quickstart']);
});
