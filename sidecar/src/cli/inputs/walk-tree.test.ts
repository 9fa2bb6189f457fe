import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { test } from 'node:test';
import { temporaryDirectory } from '../../../../test/kubelet/temporary-directory.ts';
import { walkTree } from './walk-tree.ts';

test('a tree has each file once: links lead to others only outside of it', async (t) => {
  const outside = temporaryDirectory(t);
  writeFileSync(join(outside, 'shared.yaml'), '');
  const tree = temporaryDirectory(t);
  for (const directory of ['a', '.git', 'node_modules/b', 'c/.github'])
    mkdirSync(join(tree, directory), { recursive: true });
  for (const file of ['a/1.yaml', 'a/1.txt', '.git/2.yaml', 'node_modules/b/3.yaml'])
    writeFileSync(join(tree, file), '');
  writeFileSync(join(tree, 'c/.github/4.yaml'), '');
  const links = {
    'inside.yaml': 'a/1.yaml',
    'outside.yaml': join(outside, 'shared.yaml'),
    'nowhere.yaml': 'gone.yaml',
    'circle.yaml': 'circle.yaml',
    'directory.yaml': outside,
    up: '..',
  };
  for (const [name, target] of Object.entries(links)) symlinkSync(target, join(tree, name));
  execFileSync('mkfifo', [join(tree, 'pipe.yaml')]);
  const { files, unreadable } = await walkTree(tree, /\.yaml$/);
  const names = files.map((file) => relative(tree, file));
  assert.deepEqual(names, ['a/1.yaml', 'c/.github/4.yaml', 'outside.yaml']);
  assert.deepEqual([...unreadable], []);
});

test('what cannot be read is named with the reason', async (t) => {
  const missing = join(temporaryDirectory(t), 'missing');
  const { files, unreadable } = await walkTree(missing, /\.yaml$/);
  assert.deepEqual([files, [...unreadable]], [[], [[missing, 'ENOENT']]]);
});
