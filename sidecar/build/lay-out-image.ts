/**
 * Lays out what the image contains: `node sidecar/build/lay-out-image.ts DIR`, run by the Node of the image. In
 * `DIR/lastgood` the product, in `DIR/node` Node with its libraries.
 */
import {
  chmodSync,
  cpSync,
  existsSync,
  lutimesSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');
const HOME = 'usr/local/lib/lastgood';

/**
 * For manifests that name the program of another reloader in `command`; docs/drop-in.md. The second is in `/bin` of its
 * own image. `bin` is a link here, as on Debian, so a directory of that name could not be copied there.
 */
const RELOADERS = ['configmap-reload', 'usr/bin/prometheus-config-reloader'];

function layOutProduct(dir: string): void {
  copy(join(ROOT, 'sidecar/dist/image'), join(dir, HOME));
  copy(join(ROOT, 'LICENSE'), join(dir, HOME, 'LICENSE'));
  addNodeToBom(join(dir, HOME, 'sbom.cdx.json'));
  const program = 'usr/local/bin/lastgood';
  copy(join(ROOT, 'sidecar/dist/lastgood'), join(dir, program), 0o755);
  link('lastgood', join(dir, 'usr/local/bin/lastgood-ready'));
  for (const reloader of RELOADERS) {
    link(`/${program}`, join(dir, reloader));
    link('lastgood.js', join(dir, HOME, reloader.split('/').at(-1) ?? ''));
  }
}

/** The build lists the packages in the program; Node is known here, with the libraries that are part of it. */
function addNodeToBom(path: string): void {
  const bom = JSON.parse(readFileSync(path, 'utf8'));
  const { version } = JSON.parse(readFileSync(join(ROOT, 'sidecar/package.json'), 'utf8'));
  const { node, ...parts } = process.versions;
  const components = Object.entries(parts).map(([name, version = '']) => ({
    type: 'library',
    name,
    version,
  }));
  const purl = `pkg:generic/node@${node}`;
  bom.metadata = { component: { type: 'application', name: 'lastgood', version } };
  bom.components.push({ type: 'platform', name: 'node', version: node, purl, components });
  writeFileSync(path, `${JSON.stringify(bom, null, 2)}\n`);
}

function layOutNode(dir: string): void {
  const { execPath } = process;
  copy(realpathSync(execPath), join(dir, 'usr/local/bin/node'), 0o755);
  const license = join(dirname(execPath), '../LICENSE');
  if (existsSync(license)) copy(license, join(dir, 'usr/local/share/doc/node/LICENSE'));
  for (const library of listLibraries()) copy(realpathSync(library), join(dir, library), 0o755);
  link('usr/bin', join(dir, 'bin'));
  mkdirSync(join(dir, 'tmp'));
  chmodSync(join(dir, 'tmp'), 0o1777);
}

/** The paths of the shared libraries that this process has loaded, with the loader. */
function listLibraries(): readonly string[] {
  // Else it looks up names of hosts, which may take long.
  Object.assign(process.report, { excludeNetwork: true });
  const { sharedObjects } = process.report.getReport() as { readonly sharedObjects: string[] };
  return sharedObjects.filter((path) => path.startsWith('/') && path !== process.execPath);
}

function copy(from: string, to: string, mode?: number): void {
  mkdirSync(dirname(to), { recursive: true });
  cpSync(from, to, { recursive: true });
  if (mode !== undefined) chmodSync(to, mode);
}

function link(target: string, path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  symlinkSync(target, path);
}

/** The time of the sources, so that two builds give the same image. */
function setTimes(dir: string, time: number): void {
  for (const name of readdirSync(dir, { recursive: true, encoding: 'utf8' }))
    lutimesSync(join(dir, name), time, time);
  lutimesSync(dir, time, time);
}

const [, , target = '.'] = process.argv;
const time = Number(process.env.SOURCE_DATE_EPOCH || 0);
for (const [name, layOut] of [
  ['lastgood', layOutProduct],
  ['node', layOutNode],
] as const) {
  const dir = join(target, name);
  mkdirSync(dir, { recursive: true });
  layOut(dir);
  setTimes(dir, time);
}
