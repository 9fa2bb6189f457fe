import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { Pod } from './pod.ts';

const ROOT = new URL('../..', import.meta.url).pathname;
const MAIN = `${ROOT}sidecar/src/main.ts`;

/** The flags of Node in the image. */
async function imageFlags(): Promise<string[]> {
  const dockerfile = await readFile(`${ROOT}Dockerfile`, 'utf8');
  const [, entrypoint = ''] = /^ENTRYPOINT (.*)$/m.exec(dockerfile) ?? [];
  return (JSON.parse(entrypoint) as string[]).filter((each) => each.startsWith('--'));
}

for (const [what, flagsOf] of [
  ['with the flags of the image', imageFlags],
  ['without any flag', async () => []],
] as const)
  test(`SIGUSR1 does not open the inspector of Node, ${what}`, async (context) => {
    const pod = await Pod.create(context);
    await pod.write({ 'config.yaml': 'a: 1\n' });
    pod.start({ program: [process.execPath, ...(await flagsOf()), MAIN] });
    await pod.outcome('committed');
    assert.ok(pod.pid);
    process.kill(pod.pid, 'SIGUSR1');
    // The inspector would have announced itself before the next change is through.
    const since = pod.lines.length;
    await pod.write({ 'config.yaml': 'a: 2\n' });
    await pod.outcome('committed', since);
    assert.equal(pod.stderr, '');
  });
