import {
  chmod,
  lstat,
  mkdir,
  readdir,
  readFile,
  readlink,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';

/** One file, directory or symbolic link below the pod's directory. `mode` is octal. */
export type Entry =
  | { readonly link: string }
  | { readonly mode: string; readonly text: string }
  | { readonly mode: string; readonly base64: string }
  /** The bytes are this value as JSON and a newline. */
  | { readonly mode: string; readonly json: unknown }
  /** A directory. */
  | { readonly mode: string };

/** What a killed or stopped sidecar has left behind, and the settings of its bundle. */
export interface Fixture {
  /** When the sidecar was killed, and what the app had answered until then. */
  readonly about: string;
  /** The id of the rollout that the journal names; null when none was under way. */
  readonly rollout: string | null;
  /** The bundle in `lastgood.yaml`. */
  readonly bundle: Readonly<Record<string, unknown>>;
  /** By path, parents first: the volume, the published directory and `stateDir`. */
  readonly files: Readonly<Record<string, Entry>>;
}

/** Values that differ in each run, such as ports, by the placeholder that replaces them. */
export type Values = Readonly<Record<string, string>>;

/** A directory for each version of the journal's format. */
const FIXTURES = join(import.meta.dirname, 'fixtures');

/** The directories of a pod that a fixture holds. */
export const TREES = ['source', 'live', 'state'] as const;

/** A value of one run that no placeholder has replaced. */
const LEFT_OVER = /127\.0\.0\.1|lastgood-pod-/;

/** The fixtures of every version, by `v1/<phase>/<name>`. */
export async function readFixtures(): Promise<ReadonlyMap<string, Fixture>> {
  const names = await readdir(FIXTURES, { recursive: true });
  const paths = names.filter((name) => name.endsWith('.json')).sort();
  const read = paths.map(async (path) => {
    const text = await readFile(join(FIXTURES, path), 'utf8');
    return [path.slice(0, -'.json'.length), JSON.parse(text) as Fixture] as const;
  });
  return new Map(await Promise.all(read));
}

/**
 * Writes a fixture under its name, with a placeholder for each of the values. Rejects when there is
 * one already, so that a recording never replaces what an older version wrote.
 */
export async function writeFixture(name: string, fixture: Fixture, values: Values): Promise<void> {
  let text = JSON.stringify(fixture, null, 2);
  for (const [placeholder, value] of Object.entries(values))
    text = text.replaceAll(value, placeholder);
  const left = LEFT_OVER.exec(text);
  if (left !== null) throw new Error(`${name}: no placeholder replaces ${left[0]}`);
  const path = join(FIXTURES, `${name}.json`);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, `${text}\n`, { flag: 'wx' });
}

/** The fixture with the values of this run. */
export function fillIn(fixture: Fixture, values: Values): Fixture {
  let text = JSON.stringify(fixture);
  for (const [placeholder, value] of Object.entries(values))
    text = text.replaceAll(placeholder, value);
  return JSON.parse(text);
}

/** Everything that the trees of `root` hold, by path, parents first. */
export async function readTrees(root: string): Promise<Record<string, Entry>> {
  const files: Record<string, Entry> = {};
  const visit = async (path: string): Promise<void> => {
    files[relative(root, path)] = await readEntry(path);
    if (!(await lstat(path)).isDirectory()) return;
    for (const name of (await readdir(path)).sort()) await visit(join(path, name));
  };
  for (const tree of TREES) await visit(join(root, tree));
  return files;
}

/** Makes the trees of `root` just what the fixture holds. */
export async function restoreTrees(root: string, { files }: Fixture): Promise<void> {
  for (const tree of TREES) await rm(join(root, tree), { recursive: true, force: true });
  for (const [path, entry] of Object.entries(files)) await restoreEntry(join(root, path), entry);
}

async function readEntry(path: string): Promise<Entry> {
  const stats = await lstat(path);
  if (stats.isSymbolicLink()) return { link: await readlink(path) };
  const mode = (stats.mode & 0o7777).toString(8);
  if (stats.isDirectory()) return { mode };
  const bytes = await readFile(path);
  const text = bytes.toString('utf8');
  if (!Buffer.from(text).equals(bytes)) return { mode, base64: bytes.toString('base64') };
  const json = path.endsWith('.json') ? parsed(text) : undefined;
  return json === undefined ? { mode, text } : { mode, json };
}

/** The value of a JSON text that is written just as we would; undefined for any other text. */
function parsed(text: string): unknown {
  try {
    const value = JSON.parse(text);
    return jsonText(value) === text ? value : undefined;
  } catch {
    return undefined;
  }
}

function jsonText(value: unknown): string {
  return `${JSON.stringify(value)}\n`;
}

async function restoreEntry(path: string, entry: Entry): Promise<void> {
  if ('link' in entry) return symlink(entry.link, path);
  if ('text' in entry) await writeFile(path, entry.text);
  else if ('base64' in entry) await writeFile(path, Buffer.from(entry.base64, 'base64'));
  else if ('json' in entry) await writeFile(path, jsonText(entry.json));
  else await mkdir(path);
  // The umask has narrowed the mode.
  await chmod(path, Number.parseInt(entry.mode, 8));
}
