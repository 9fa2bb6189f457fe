/** What of `examples/kubernetes` needs no cluster; `test/cluster` applies each example and measures it. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { formatFinding } from '@lastgood/core/model/finding.ts';
import { loadAll } from 'js-yaml';
import { findingsInText } from '../../sidecar/src/cli/doctor/doctor.testing.ts';
import { load as loadSettings } from '../../sidecar/src/settings/load.ts';
import type { BundleSettings } from '../../sidecar/src/settings/settings.ts';
import { createValidator } from '../../sidecar/src/steps/validate/validator.ts';
import { buildText, type Manifest, skip } from '../deploy/kustomize.ts';
import { ROOT } from '../docs/repository.ts';
import { temporaryDirectory } from '../kubelet/temporary-directory.ts';

const EXAMPLES = join(ROOT, 'examples/kubernetes');

/** Folders that `kubectl apply -k` takes: neither a component nor the base of overlays. */
const folders = globSync('**/kustomization.yaml', { cwd: EXAMPLES })
  .filter((path) => read(path).includes('kind: Kustomization') && !path.includes('/base/'))
  .map(dirname)
  .toSorted();

/** Folders with a page. */
const pages = globSync('*/README.md', { cwd: EXAMPLES }).map(dirname).toSorted();

function read(path: string): string {
  return readFileSync(join(EXAMPLES, path), 'utf8');
}

/** Throws for a schema or a rule that cannot be used. */
async function compileChecks({ validate, reloadOn }: BundleSettings): Promise<void> {
  await createValidator(validate, {
    reloadOn,
    runCommand: async () => [],
    onChecked: () => undefined,
    wallMs: Date.now,
  });
}

describe('examples/kubernetes', { skip }, () => {
  for (const folder of folders) {
    test(`${folder}: doctor finds nothing`, async () => {
      const findings = await findingsInText(buildText(join(EXAMPLES, folder)), folder);
      assert.deepEqual(findings.map(formatFinding), []);
    });

    test(`${folder}: lastgood takes its settings and schemas`, async (t) => {
      const objects = loadAll(buildText(join(EXAMPLES, folder))) as Manifest[];
      for (const { data } of objects.filter((each) => each.data?.['lastgood.yaml'] !== undefined)) {
        const dir = temporaryDirectory(t);
        for (const [name, text] of Object.entries(data))
          writeFileSync(join(dir, name), String(text));
        const loaded = await loadSettings(join(dir, 'lastgood.yaml'));
        if (!loaded.ok) throw new Error(loaded.findings.map(formatFinding).join('\n'));
        for (const bundle of loaded.settings.bundles) await compileChecks(bundle);
      }
    });
  }

  test('create: the commands of the README make what Kustomize makes', () => {
    const commands = read('create/README.md').matchAll(
      /^ {4}kubectl (create configmap [^|\n]*)$/gm,
    );
    const made = [...commands].map(([, command = '']) => {
      const args = [...command.split(' '), '--dry-run=client', '-o', 'json'];
      return JSON.parse(String(execFileSync('kubectl', args, { cwd: join(EXAMPLES, 'create') })));
    });
    const built = loadAll(buildText(join(EXAMPLES, 'create'))) as Manifest[];
    assert.equal(made.length, 3);
    for (const { metadata, data } of made)
      assert.deepEqual(built.find((each) => each.metadata.name === metadata.name)?.data, data);
  });
});

test('each page has the same parts, and the index links to it', () => {
  const index = read('README.md');
  for (const page of pages) {
    const text = read(`${page}/README.md`);
    assert.ok(index.includes(`](${page}/)`), page);
    assert.match(
      text,
      /^# [\w ]+: .+\n\n[\s\S]*\n## What changes live\n\n\| what is edited \| when it counts \| in how long \|\n/,
      page,
    );
    assert.match(text, /kubectl apply -[kf] /, page);
  }
});
