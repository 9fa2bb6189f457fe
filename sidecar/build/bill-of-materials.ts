import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Plugin } from 'esbuild';
import { packagesIn } from '../../tools/third-party-licenses.ts';

/**
 * Writes `sbom.cdx.json` beside what is built: each package of which that contains code, for scanners. Without a time
 * and a serial number, so that two builds give the same. Source: cyclonedx.org/docs/1.6/json.
 */
export const billOfMaterials: Plugin = {
  name: 'bill-of-materials',
  setup({ initialOptions, onEnd }) {
    const { outdir = '', absWorkingDir = '' } = initialOptions;
    onEnd(async ({ metafile }) => {
      if (metafile === undefined) return;
      const directories = [...packagesIn(metafile).keys()].map((path) => join(absWorkingDir, path));
      const components = await Promise.all(directories.map(readComponent));
      const bom = {
        bomFormat: 'CycloneDX',
        specVersion: '1.6',
        version: 1,
        components: components.toSorted((a, b) => (a.purl < b.purl ? -1 : 1)),
      };
      const text = `${JSON.stringify(bom, null, 2)}\n`;
      await writeFile(join(outdir, 'sbom.cdx.json'), text);
    });
  },
};

async function readComponent(directory: string) {
  const manifest = JSON.parse(await readFile(join(directory, 'package.json'), 'utf8'));
  const { name, version, license } = manifest as Record<string, string>;
  const purl = `pkg:npm/${name?.replace('@', '%40')}@${version}`;
  const isExpression = / (?:OR|AND|WITH) /.test(String(license));
  const licenses = [isExpression ? { expression: license } : { license: { id: license } }];
  return { type: 'library', name, version, purl, licenses };
}
