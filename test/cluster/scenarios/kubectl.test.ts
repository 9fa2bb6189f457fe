import { test } from 'node:test';
import { followPage } from '../pages/follow-page.ts';

test('kubectl shows why a container waits or has ended', async (t) => {
  await followPage(t, 'docs/kubernetes.md', ['shown']);
});
