/** What the `lastgood` of the image does on a node whose disk reads far ahead. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { temporaryDirectory } from '../kubelet/temporary-directory.ts';
import { compileLauncher } from './launcher.ts';

/** In place of lastgood.js: prints how its process is mapped, and what a process that it starts inherits. */
const PROGRAM = `
  const { execFileSync } = require('node:child_process');
  const { readFileSync } = require('node:fs');
  const mappings = readFileSync('/proc/self/smaps', 'utf8');
  const inherited = execFileSync('env', { encoding: 'utf8' });
  console.log(JSON.stringify({ mappings, inherited, flags: process.execArgv }));
`;

/** The same, after a second start with another heap, as commands have it. */
const RESTARTING = `
  require(${JSON.stringify(fileURLToPath(import.meta.resolve('../../sidecar/src/app/heap.ts')))})
    .fitHeap({ limitBytes: 2 ** 40, heldBytes: 0 })
    .then(() => { ${PROGRAM} });
`;

/** From a line of `smaps` with the range, the rights and the file to the line with the flags. */
const MAPPING = /^([0-9a-f]+)-([0-9a-f]+) (\S+) .* (\/.*)\n(?:\w+: .*\n)*?VmFlags: (.*)$/gm;

interface Mapping {
  readonly bytes: number;
  readonly isCode: boolean;
  readonly path: string;
  /** Whether the kernel reads only what the program asks for. */
  readonly isRandom: boolean;
}

/** Runs Node where the disk of this machine seems to read so much ahead. */
function start(t: TestContext, aheadKib: number, queue: string, program = PROGRAM) {
  const dir = temporaryDirectory(t);
  writeFileSync(join(dir, 'lastgood.js'), program);
  const { dev } = statSync('/etc/hosts');
  const number = `${(dev >> 8) & 0xfff}:${(dev & 0xff) | ((dev >> 12) & 0xfff00)}`;
  const disk = join(dir, 'sys/dev/block', number);
  mkdirSync(disk, { recursive: true });
  mkdirSync(join(disk, queue), { recursive: true });
  writeFileSync(join(disk, queue, 'read_ahead_kb'), `${aheadKib}\n`);
  const launcher = join(dir, 'lastgood');
  compileLauncher(launcher, dir, join(dir, 'sys'));
  const { mappings, ...rest } = JSON.parse(execFileSync(launcher, { encoding: 'utf8' }));
  const { inherited, flags } = rest as { inherited: string; flags: readonly string[] };
  return { mappings: readMappings(mappings), inherited, flags };
}

function readMappings(smaps: string): readonly Mapping[] {
  return [...smaps.matchAll(MAPPING)].map(([, from = '', to = '', rights, path = '', flags]) => ({
    bytes: Number.parseInt(to, 16) - Number.parseInt(from, 16),
    isCode: rights?.includes('x') === true,
    path,
    isRandom: flags?.split(' ').includes('rr') === true,
  }));
}

const STARTS = [
  ['queue', PROGRAM, true],
  ['../queue', PROGRAM, true],
  ['queue', RESTARTING, false],
] as const;

for (const [queue, program, isFirst] of STARTS)
  test(`on a disk that reads far ahead (${queue}), the kernel reads Node in small pieces${isFirst ? '' : ', also after a second start'}`, (t) => {
    const { mappings, inherited, flags } = start(t, 4096, queue, program);
    assert.equal(flags.includes('--max-old-space-size=32'), isFirst);
    const ofNode = mappings.filter(({ path }) => path === process.execPath);
    assert.ok(ofNode.length > 100, `${ofNode.length} mappings`);
    assert.deepEqual(
      mappings.filter(({ isRandom }) => !isRandom),
      [],
    );
    const largest = Math.max(...mappings.map(({ isCode, bytes }) => (isCode ? bytes : 0)));
    assert.equal(largest, 128 * 1024);
    assert.doesNotMatch(inherited, /LD_PRELOAD/);
  });

test('on other disks it reads as it always does', (t) => {
  const { mappings } = start(t, 1024, 'queue');
  assert.ok(mappings.some(({ path }) => path === process.execPath));
  assert.ok(mappings.every(({ isRandom, path }) => !isRandom && !path.endsWith('.so')));
});
