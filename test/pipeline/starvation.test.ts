import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type TestContext, test } from 'node:test';
import type { Captured } from '@lastgood/core/capture/capture.ts';
import { ContainerLimits } from '../../bench/container-limits.ts';

const STARVING = join(import.meta.dirname, 'starving.ts');

/** Not the usual directory, which can be in memory. */
const ON_DISK = '/var/tmp/lastgood-starving-';

/** So many that reading them takes more than the second of the capture, at a hundredth of a CPU. */
const FILES = 500;

/** What a capture answers in a container with 96 MiB that loses its CPU time once it has started. */
async function starve(t: TestContext, lack: 'cpu' | 'memory'): Promise<Captured | 'no limits'> {
  const limits = ContainerLimits.create(96, 1_000);
  if (limits === undefined) return 'no limits';
  const dir = await mkdtemp(ON_DISK);
  for (let index = 0; index < FILES; index += 1) await writeFile(join(dir, `f${index}`), 'a\n');
  const { command, args } = limits.applied({
    command: process.execPath,
    args: [STARVING, lack, dir],
  });
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  t.after(async () => {
    if (child.exitCode === null && child.kill('SIGKILL')) await once(child, 'close');
    limits.remove();
    await rm(dir, { recursive: true });
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  assert.equal((await lines.next()).value, 'ready');
  if (lack === 'cpu') limits.limitCpu(10);
  child.stdin.write('go\n');
  return JSON.parse((await lines.next()).value ?? '');
}

for (const [lack, said] of [
  ['cpu', /the CPU limit stopped it for \d+\.\d s of \d+\.\d s/],
  ['memory', /for lack of memory it read \d{3} MiB again from the disk in \d+\.\d s/],
] as const)
  test(`a container that lacks ${lack} says so, and does not blame the volume`, async (t) => {
    const captured = await starve(t, lack);
    if (captured === 'no limits') return t.skip('this machine does not let limits be set');
    assert.ok(!captured.ok);
    assert.deepEqual(
      captured.findings.map(({ code }) => code),
      ['LG_CAPTURE_STARVED'],
    );
    assert.match(captured.findings[0]?.message ?? '', said);
  });
