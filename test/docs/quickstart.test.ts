import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { saidOfManifest } from '../../sidecar/src/cli/doctor/doctor.testing.ts';
import { matchesOutput } from '../cluster/pages/matches.ts';
import { Shell } from '../cluster/pages/shell.ts';
import { stepsIn } from '../cluster/pages/steps.ts';
import { ROOT, readFiles } from './repository.ts';

const PAGE = 'docs/quickstart.md';
const EXAMPLE = 'examples/quickstart/inference.yaml';
const MAIN = join(ROOT, 'sidecar/src/main.ts');

/** The rest of the page needs a cluster, which test/cluster/ has. */
test(`${PAGE} shows what doctor and inject print`, async (t) => {
  const steps = stepsIn(readFiles(PAGE).get(PAGE) ?? '');
  const first = steps.findIndex(({ commands }) => commands.startsWith('lastgood doctor'));
  const end = steps.findIndex(({ commands }) => commands.startsWith('kubectl'));
  assert.ok(first !== -1 && first < end);
  const shell = new Shell(ROOT);
  t.after(() => shell.close());
  await shell.run(`lastgood() { '${process.execPath}' '${MAIN}' "$@"; }`);
  await shell.run(`cp ${EXAMPLE} ~ && cd ~`);
  for (const { line, commands, output: shown = '' } of steps.slice(first, end)) {
    const { output } = await shell.run(commands);
    if (!matchesOutput(output, shown)) assert.equal(output, shown, `${PAGE}:${line}`);
  }
});

test('doctor finds nothing in the Prometheus of the quick start', async () => {
  const manifest = readFileSync(join(ROOT, 'examples/quickstart/prometheus.yaml'), 'utf8');
  assert.deepEqual(await saidOfManifest(manifest), []);
});
