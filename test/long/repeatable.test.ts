import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { REGISTRY_SCHEMA, registryOf } from '../../bench/contents/registry.ts';
import { REGISTRY_RULES } from '../../bench/contents/rules.ts';
import { startLimited } from '../pipeline/limited-pod.ts';
import { Pod } from '../pipeline/pod.ts';

const MIB = 2 ** 20;
const TIMES = 8;

/** A list of small mappings: more values than the thread of a check has memory for. */
function denseOf(generation: number): string {
  const rows = [`generation: ${generation}\nmodels:\n`];
  for (let left = MIB, row = 0; left > 64; row += 1) {
    const text = `  - name: item-${row}\n    size: ${row % 13}\n    on: true\n`;
    rows.push(text);
    left -= text.length;
  }
  return rows.join('');
}

test('in the memory of a small pod, a file of 1 MiB has the same verdict each time', async (context) => {
  const pod = await Pod.create(context, { direct: true });
  // Not on the tmpfs of the other files, which would count as memory of the container.
  const stateDir = mkdtempSync('/var/tmp/lastgood-state-');
  context.after(() => rmSync(stateDir, { recursive: true }));
  const schema = join(pod.dir, 'registry.schema.json');
  writeFileSync(schema, JSON.stringify(REGISTRY_SCHEMA));
  const rules = REGISTRY_RULES.map((rule) => ({ rule }));
  pod.bundle.validate = [{ files: 'registry.yaml', schema, rules }];
  await pod.configured({ stateDir });
  await pod.write({ 'registry.yaml': registryOf(MIB, 0) });
  if (!(await startLimited(context, pod))) return context.skip('this machine lets no limit be set');
  const verdict = async (text: string, generation: number): Promise<unknown> => {
    const since = pod.lines.length;
    if (generation > 0) await pod.write({ 'registry.yaml': text });
    const { step, result } = await pod.line((line) => line.step === 'validate', 'verdict', since);
    await pod.line(({ outcome }) => outcome !== undefined, 'outcome', since);
    return `${step} ${result}`;
  };
  const generations = Array.from({ length: TIMES }, (_, generation) => generation);
  for (const generation of generations)
    assert.equal(await verdict(registryOf(MIB, generation), generation), 'validate accepted');
  for (const generation of generations.slice(1, 4))
    assert.equal(await verdict(denseOf(generation), generation), 'validate rejected');
});
