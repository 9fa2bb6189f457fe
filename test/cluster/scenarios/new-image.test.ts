import { test } from 'node:test';
import { followPage } from '../pages/follow-page.ts';

test('pods of an old image keep their last good version, and new ones take the new ConfigMap', async (t) => {
  await followPage(t, 'docs/new-image.md', ['new-image']);
});
