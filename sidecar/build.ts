/** Bundles the sidecar into one self-contained file, `dist/lastgood.js`, and the files of the image. */
import { chmod, stat } from 'node:fs/promises';
import { bundle } from './build/bundle.ts';
import { bundleImage } from './build/image.ts';

const outfile = `${import.meta.dirname}/dist/lastgood.js`;

await bundle(`${import.meta.dirname}/src/main.ts`, { outfile });
await bundleImage(`${import.meta.dirname}/dist/image`);
await chmod(outfile, 0o755);
const { size } = await stat(outfile);
process.stdout.write(`sidecar/dist/lastgood.js ${Math.round(size / 1024)} KiB\n`);
