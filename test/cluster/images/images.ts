/** The images that the pods run, built on this machine; no registry is needed. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PAUSE_IMAGE } from '../node/node.ts';
import { buildProgram } from '../programs/go-build.ts';
import { BUSYBOX, CACHE_DIR, programEnvironment } from '../programs/programs.ts';
import { PROMETHEUS } from '../programs/prometheus.ts';
import type { Report } from '../progress.ts';
import { layOutBase, layOutCompiler } from './base.ts';
import { layOutPrometheus, PROMETHEUS_FILE, PROMETHEUS_IMAGE } from './prometheus.ts';
import { layOutSummarizer, SUMMARIZER_IMAGES, summarizerFile } from './summarizer.ts';

const ROOT = join(import.meta.dirname, '../../..');
const APP = join(ROOT, 'examples/inference-server');
const STORAGE = join(CACHE_DIR, 'images');

const BASE_IMAGE = `localhost/node:${process.version.slice(1)}`;

/** In place of the full `node:26`. */
const BUILD_IMAGE = `localhost/node-build:${process.version.slice(1)}`;

/** The names by which the manifests of the examples know them. */
export const LASTGOOD_IMAGE = 'docker.io/library/lastgood:0.1.0';
export const APP_IMAGE = 'docker.io/library/inference-server:1.0.0';

/** Which the examples take from a registry. On the node of these tests it is the image of the app, with its Node. */
export const NODE_IMAGE = 'docker.io/library/node:26-slim';

const BASE_FILE = `FROM scratch
COPY . /
ENV PATH=/usr/local/bin:/usr/bin:/bin
`;

/** As that of the example, but with the dependency from this repository. */
const APP_FILE = `FROM ${BASE_IMAGE}
WORKDIR /app
COPY . ./
USER 1000:1000
ENTRYPOINT ["node", "main.ts"]
`;

const PAUSE_FILE = `FROM scratch
COPY busybox /bin/busybox
ENTRYPOINT ["/bin/busybox", "sh", "-c", "trap 'exit 0' TERM INT; /bin/busybox sleep 2147483647 & wait"]
`;

/** The build installs dependencies unless they are there already, of the same lock file. */
const LASTGOOD_IGNORED = `.git
node_modules/.*
!node_modules/.lastgood-setup
*/dist
`;

export interface ImageOptions {
  /** It takes minutes to build the first time, so only for those who use it. */
  readonly withPrometheus?: boolean;
}

/** Builds all images, and writes each to an archive that docker, containerd and kind can load. */
export async function buildImages(
  dir: string,
  report: Report,
  { withPrometheus = false }: ImageOptions = {},
): Promise<readonly string[]> {
  await buildBase(report);
  report('building the images of lastgood (from its Dockerfile) and of the example apps');
  await buildLastgood(dir, LASTGOOD_IMAGE);
  await buildFrom(APP_IMAGE, APP_FILE, (context) => {
    for (const name of ['main', 'server', 'model', 'config'])
      cpSync(join(APP, `${name}.ts`), join(context, `${name}.ts`));
    cpSync(join(APP, 'package.json'), join(context, 'package.json'));
    const modules = 'node_modules/js-yaml';
    cpSync(join(ROOT, modules), join(context, modules), { recursive: true });
  });
  for (const [image, folder] of Object.entries(SUMMARIZER_IMAGES))
    await buildFrom(image, summarizerFile(BASE_IMAGE), (context) =>
      layOutSummarizer(context, folder),
    );
  await buildFrom(PAUSE_IMAGE, PAUSE_FILE, (context) => cpSync(BUSYBOX, join(context, 'busybox')));
  const images = [PAUSE_IMAGE, LASTGOOD_IMAGE, APP_IMAGE, ...Object.keys(SUMMARIZER_IMAGES)];
  if (withPrometheus) {
    await buildProgram(PROMETHEUS, report);
    await buildFrom(PROMETHEUS_IMAGE, PROMETHEUS_FILE, layOutPrometheus);
    images.push(PROMETHEUS_IMAGE);
  }
  const archives: string[] = [];
  for (const image of images) {
    const archive = join(dir, `${image.split('/').at(-1)?.replace(':', '-')}.tar`);
    await archiveImage(image, archive);
    archives.push(archive);
  }
  return archives;
}

/** Writes an image as `docker save` does. */
export async function archiveImage(image: string, archive: string): Promise<void> {
  rmSync(archive, { force: true });
  await buildah(['push', image, `docker-archive:${archive}:${image}`]);
}

/** Builds the image from the Dockerfile, with more options for buildah. */
export async function buildLastgood(
  dir: string,
  image: string,
  options: readonly string[] = [],
): Promise<void> {
  const ignored = join(dir, 'ignored');
  writeFileSync(ignored, LASTGOOD_IGNORED);
  const bases = [`NODE_IMAGE=${BASE_IMAGE}`, `BUILD_IMAGE=${BUILD_IMAGE}`];
  const args = bases.flatMap((argument) => ['--build-arg', argument]);
  const files = ['--ignorefile', ignored, '-f', join(ROOT, 'Dockerfile'), '-t', image, ROOT];
  await buildah(['build', '--layers=false', ...args, ...options, ...files]);
}

/** Copies the image of lastgood, with an empty file at its root, into a layer that no other image has. */
export async function copyLastgood(dir: string, image: string, file: string): Promise<void> {
  const containerfile = join(dir, 'Containerfile');
  writeFileSync(containerfile, `FROM ${LASTGOOD_IMAGE}\nCOPY ${file} /${file}\n`);
  writeFileSync(join(dir, file), '');
  await buildah(['build', '--squash', '-f', containerfile, '-t', image, dir]);
}

async function buildBase(report: Report): Promise<void> {
  const made = join(CACHE_DIR, `bases-${process.version}`);
  if (existsSync(made)) return;
  report('building the base images once: Node, npm, BusyBox and the C compiler of this machine');
  mkdirSync(STORAGE, { recursive: true });
  await buildFrom(BASE_IMAGE, BASE_FILE, layOutBase);
  await buildFrom(BUILD_IMAGE, BASE_FILE, layOutCompiler);
  writeFileSync(made, '');
}

async function buildFrom(
  image: string,
  file: string,
  layOut: (context: string) => void | Promise<void>,
): Promise<void> {
  const scratch = mkdtempSync(join(tmpdir(), 'lastgood-image-'));
  try {
    const context = join(scratch, 'context');
    mkdirSync(context);
    await layOut(context);
    writeFileSync(join(scratch, 'Containerfile'), file);
    const containerfile = join(scratch, 'Containerfile');
    await buildah(['build', '--layers=false', '-f', containerfile, '-t', image, context]);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/**
 * buildah starts itself again without its environment, so LD_LIBRARY_PATH does not reach it: the loader finds
 * its libraries by a cache that only this mount namespace has.
 */
const WITH_LIBRARIES = `
ldconfig -X -C "$1" $LASTGOOD_LIBRARIES
mount --bind "$1" /etc/ld.so.cache
shift
exec "$@"
`;

/** All at once: another buildah may be reading it. */
function writePolicy(): string {
  const policy = join(CACHE_DIR, 'policy.json');
  const scratch = `${policy}.${process.pid}`;
  writeFileSync(scratch, '{"default":[{"type":"insecureAcceptAnything"}]}');
  renameSync(scratch, policy);
  return policy;
}

async function buildah(args: readonly string[]): Promise<void> {
  const policy = writePolicy();
  const storage = ['--root', STORAGE, '--runroot', join(STORAGE, 'run'), '--storage-driver', 'vfs'];
  const [command = '', ...rest] = args;
  const cache = join(CACHE_DIR, 'ld.so.cache');
  const inside = ['--mount', 'sh', '-ec', WITH_LIBRARIES, 'sh', cache];
  const run = ['buildah', ...storage, command, '--signature-policy', policy, ...rest];
  const environment = programEnvironment();
  const libraries = environment.LD_LIBRARY_PATH?.replaceAll(':', ' ');
  const child = spawn('unshare', [...inside, ...run], {
    // It needs no container runtime, and uses the network of this machine.
    env: { ...environment, LASTGOOD_LIBRARIES: libraries, BUILDAH_ISOLATION: 'chroot' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`buildah ${command} failed:\n${output.slice(-2_000)}`);
}
