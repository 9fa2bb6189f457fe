/** The images of examples/new-image: two releases of one app, whose configurations differ. */
import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { buildPackage } from '../../../sdk/build/package.ts';

const ROOT = join(import.meta.dirname, '../../..');
const APP = join(ROOT, 'examples/new-image');

/** The folder of each image. */
export const SUMMARIZER_IMAGES = {
  'docker.io/library/summarizer:1.0.0': 'v1',
  'docker.io/library/summarizer:2.0.0': 'v2',
} as const;

/** As the Dockerfile of the example, but with the dependencies from this repository. */
export function summarizerFile(base: string): string {
  return `FROM ${base}
WORKDIR /app
COPY . ./
COPY release/config.schema.json /schema/
USER 1000:1000
ENTRYPOINT ["node", "release/main.ts"]
`;
}

/** Lays out what the image of a folder contains. */
export async function layOutSummarizer(context: string, folder: string): Promise<void> {
  for (const name of ['server.ts', 'package.json']) cpSync(join(APP, name), join(context, name));
  cpSync(join(APP, folder), join(context, 'release'), { recursive: true });
  cpSync(join(ROOT, 'node_modules/zod'), join(context, 'node_modules/zod'), { recursive: true });
  const sdk = join(context, 'node_modules/@lastgood/sdk');
  mkdirSync(sdk, { recursive: true });
  await buildPackage(sdk);
}
