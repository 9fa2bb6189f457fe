import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { generation } from '../pipeline/configs.ts';
import { type Line, Pod } from '../pipeline/pod.ts';

const SWAPS = 1_000;
const GAP_MS = 2;

/** The version of these files, as its definition says. */
function versionOf(files: Record<string, string>): string {
  const lines = Object.entries(files).map(([path, text]) => `${path}\0${sha256(text)}\n`);
  return `sha256:${sha256(lines.sort().join(''))}`;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Both files of what is published name the same generation. */
function generationOf(files: Record<string, string>): number {
  const yaml = Number(/generation: (\d+)/.exec(files['config.yaml'] ?? '')?.[1]);
  const json = Number(JSON.parse(files['features.json'] ?? '{}').generation);
  assert.equal(yaml, json, 'P1: files of two versions');
  return yaml;
}

for (const direct of [false, true]) {
  const mode = direct ? 'direct' : 'published';
  test(`P1 P3: ${SWAPS} swaps at ${GAP_MS} ms gaps converge to the last one, ${mode} mode`, async (context) => {
    const pod = await Pod.create(context, { direct });
    await pod.startOn(generation(0));
    const torn: unknown[] = [];
    pod.app.onReload = async () => {
      if (direct) return { status: 200 };
      // What the app would load at this moment.
      await pod
        .published()
        .then(generationOf)
        .catch((error) => torn.push(error));
      return { status: 200 };
    };
    for (let count = 1; count <= SWAPS; count++) {
      await pod.write(generation(count));
      await sleep(GAP_MS);
    }
    const version = versionOf(generation(SWAPS)).slice(7, 19);
    const isLast = (line: Line) => line.outcome === 'committed' && line.version === version;
    await pod.line(isLast, 'commit of the last version');
    assert.deepEqual(torn, []);
    const { active, desired, health } = await pod.status();
    assert.deepEqual([active, health.state], [desired, 'ok']);
    if (!direct) assert.deepEqual(await pod.published(), generation(SWAPS));
    context.diagnostic(`${pod.app.events.length} requests for ${SWAPS} swaps`);
    assert.ok(pod.app.events.length <= SWAPS);
  });
}
