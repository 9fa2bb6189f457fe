/** Bundles the sidecar into one self-contained file, `dist/lastgood.js`, and the file of the image that loads it. */
import { chmod, stat } from 'node:fs/promises';
import { bundle } from './build/bundle.ts';

const outfile = `${import.meta.dirname}/dist/lastgood.js`;

await bundle(`${import.meta.dirname}/src/main.ts`, outfile);
await bundle(
  `${import.meta.dirname}/src/loader.ts`,
  `${import.meta.dirname}/dist/image/lastgood.js`,
);
await chmod(outfile, 0o755);
const { size } = await stat(outfile);
process.stdout.write(`sidecar/dist/lastgood.js ${Math.round(size / 1024)} KiB\n`);
