import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { removeDeadNodes } from '../cluster.ts';
import { readNode } from './containers.ts';

const node = readNode();
const skip = node === undefined ? 'the node of this cluster is out of reach' : false;

const START = `
import { createCgroups } from ${JSON.stringify(join(import.meta.dirname, '../node/cgroups.ts'))};
import { createNetwork } from ${JSON.stringify(join(import.meta.dirname, '../node/network.ts'))};
import { writeOwner } from ${JSON.stringify(join(import.meta.dirname, '../node/owner.ts'))};
const [, dir, name] = process.argv;
writeOwner(dir);
createCgroups(name);
createNetwork(dir);
console.log('started');
setInterval(() => {}, 1e6);
`;

test('the next run removes what a killed one has left, and nothing of one that runs', {
  skip,
}, async (t) => {
  assert.ok(node);
  const dir = mkdtempSync(join(tmpdir(), 'lastgood-cluster-'));
  const args = ['--input-type=module', '-e', START, dir, basename(dir)];
  const run = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(run, 'exit');
  t.after(() => run.kill('SIGKILL'));
  await once(run.stdout, 'data');
  const bridge = join('/sys/class/net', readFileSync(join(dir, 'bridge'), 'utf8'));
  const cgroup = join('/sys/fs/cgroup/memory', basename(dir));
  await removeDeadNodes();
  assert.deepEqual([dir, bridge].filter(existsSync), [dir, bridge]);
  run.kill('SIGKILL');
  await exited;
  await removeDeadNodes();
  assert.deepEqual([dir, bridge, cgroup].filter(existsSync), []);
  const ours = join('/sys/class/net', readFileSync(join(node.dir, 'bridge'), 'utf8'));
  assert.deepEqual([node.dir, ours].filter(existsSync), [node.dir, ours]);
});
