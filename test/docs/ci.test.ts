import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load as parseYaml } from 'js-yaml';
import { REPORT_FLAGS } from '../../sidecar/src/cli/report/flags.ts';
import { temporaryDirectory } from '../kubelet/temporary-directory.ts';
import { examplesIn, outputOf } from './examples.ts';
import { readFiles, readSection } from './repository.ts';

const PATH = 'docs/ci.md';
const PAGE = readFiles(PATH).get(PATH) ?? '';

for (const example of examplesIn(PAGE))
  test(`${PATH}:${example.line}: the output is that of lastgood`, async (t) => {
    assert.equal(await outputOf(example, temporaryDirectory(t)), example.output);
  });

test(`${PATH} has every report format, in the order of the help`, () => {
  const rows = readSection(PATH, '## Report formats').matchAll(/^\| `(\w+)`/gm);
  assert.deepEqual(
    [...rows].map(([, name]) => name),
    REPORT_FLAGS.output.choices,
  );
});

test(`every YAML block of ${PATH} can be parsed`, () => {
  const blocks = [...PAGE.matchAll(/^```yaml\n(.*?)^```/gms)];
  assert.ok(blocks.length > 4);
  for (const [, block = ''] of blocks) assert.equal(typeof parseYaml(block), 'object');
});
