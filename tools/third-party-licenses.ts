import { readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Metafile, Plugin } from 'esbuild';

/** The file beside the built one. Most licenses require that their text comes with the code. */
const LICENSES_FILE = 'THIRD-PARTY-LICENSES.txt';

const LICENSE_NAME = /^(?:licen[cs]e|copying|notice|copyright)/i;

/** The license of lastgood, and the text for packages with the same one. */
const APACHE = `${import.meta.dirname}/../LICENSE`;

interface Package {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly texts: readonly string[];
}

/**
 * Writes the licenses of all packages in what is built, and of those in `copied`: directories of packages
 * of which something else is copied. Fails the build if one has no license text.
 */
export const thirdPartyLicenses = (copied: readonly string[] = []): Plugin => ({
  name: 'third-party-licenses',
  setup({ initialOptions, onEnd }) {
    const { outfile = '', absWorkingDir = process.cwd() } = initialOptions;
    const { outdir = dirname(outfile) } = initialOptions;
    initialOptions.metafile = true;
    onEnd(async ({ metafile, errors }) => {
      if (metafile === undefined || errors.length > 0) return {};
      const used = [...packagesIn(metafile), ...copied.map((path) => [path, []] as const)];
      const packages = await Promise.all(
        used.map(([path, files]) =>
          readPackage(
            resolve(absWorkingDir, path),
            files.map((file) => resolve(absWorkingDir, file)),
          ),
        ),
      );
      const bare = packages.filter(({ texts }) => texts.length === 0);
      const written = new Set(packages.map(format).sort());
      await writeFile(join(outdir, LICENSES_FILE), [...written].join('\n'));
      return { errors: bare.map(({ name }) => ({ text: `${name} has no license text` })) };
    });
  },
});

/** The directories of the packages that code of the bundle comes from, each with these files. */
export function packagesIn({ outputs }: Metafile): Map<string, string[]> {
  const inputs = Object.values(outputs).flatMap((output) => Object.entries(output.inputs));
  const used = inputs.filter(([, { bytesInOutput }]) => bytesInOutput > 0).map(([path]) => path);
  const directoryOf = (path: string) =>
    /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(path)?.[0] ?? '';
  const files = Map.groupBy(used, directoryOf);
  files.delete('');
  return files;
}

async function readPackage(directory: string, files: readonly string[]): Promise<Package> {
  const manifest = JSON.parse(await readFile(join(directory, 'package.json'), 'utf8'));
  const { name, version, license, author } = manifest;
  const names = (await readdir(directory)).filter((each) => LICENSE_NAME.test(each)).sort();
  const texts = names.map((each) => readFile(join(directory, each), 'utf8'));
  const found = await Promise.all(texts);
  const standard = found.length > 0 ? found : await standardTexts(String(license), author, files);
  return { name, version, license: String(license), texts: standard };
}

/** For a package that only names its license: the text of that license, and those in its code. */
async function standardTexts(
  license: string,
  author: unknown,
  files: readonly string[],
): Promise<string[]> {
  const sources = await Promise.all(files.map((file) => readFile(file, 'utf8')));
  const inCode = sources
    .map((source) => /^(?:\/\/.*\n)+/.exec(source)?.[0] ?? '')
    .filter((comment) => /^\/\/ Copyright[\s\S]*Redistribution and use/.test(comment))
    .map((comment) => comment.replaceAll(/^\/\/ ?/gm, ''));
  if (license.includes('Apache-2.0')) return [await readFile(APACHE, 'utf8'), ...inCode];
  return license === 'MIT' && typeof author === 'string' ? [mitText(author), ...inCode] : inCode;
}

/** Source: spdx.org/licenses/MIT.html. */
function mitText(author: string): string {
  return `Copyright (c) ${author}

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and
associated documentation files (the "Software"), to deal in the Software without restriction, including
without limitation the rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software, and to permit persons to whom the Software is furnished to do so, subject to the
following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial
portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT
LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO
EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER
IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE
USE OR OTHER DEALINGS IN THE SOFTWARE.
`;
}

function format({ name, version, license, texts }: Package): string {
  const head = `${name} ${version} (${license})`;
  return `${head}\n${'='.repeat(head.length)}\n\n${texts.map((text) => text.trim()).join('\n\n')}\n`;
}
