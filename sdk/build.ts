/** Makes the package @lastgood/sdk in `sdk/dist`, ready for `npm pack` and `npm publish`. */
import { globSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { buildPackage } from './build/package.ts';

const outdir = join(import.meta.dirname, 'dist');

await buildPackage(outdir);
const sizes = globSync('**', { cwd: outdir }).map((path) => statSync(join(outdir, path)).size);
const size = sizes.reduce((sum, each) => sum + each, 0);
process.stdout.write(`sdk/dist ${Math.round(size / 1024)} KiB\n`);
