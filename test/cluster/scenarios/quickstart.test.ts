import { test } from 'node:test';
import { followPage } from '../pages/follow-page.ts';

test('the quick start does what it says, line by line', async (t) => {
  await followPage(t, 'docs/quickstart.md', ['quickstart']);
});
