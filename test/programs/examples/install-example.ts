import { spawnSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { buildPackage } from '../../../sdk/build/package.ts';
import { npm } from '../../sdk/installed.ts';

const ROOT = join(import.meta.dirname, '../../..');

interface Installed {
  /** A copy of the example, with its dependencies and the built SDK where its manifest expects it. */
  readonly dir: string;
  /** Why it could not be installed here, to skip the test. In CI a skip would hide a missing check. */
  readonly skip: string | false;
  remove(): Promise<void>;
}

/** Installs an example as its page says: `npm ci` in its folder, after `npm run build`. */
export async function installExample(name: string): Promise<Installed> {
  const root = await mkdtemp(join(tmpdir(), 'lastgood-example-'));
  const dir = join(root, 'examples', name);
  const remove = () => rm(root, { recursive: true, force: true });
  await buildPackage(join(root, 'sdk/dist'));
  const filter = (path: string) => basename(path) !== 'node_modules';
  await cp(join(ROOT, 'examples', name), dir, { recursive: true, filter });
  try {
    npm(dir, 'ci', '--loglevel=error');
    return { dir, skip: false, remove };
  } catch (error) {
    await remove();
    if (process.env.CI) throw error;
    return { dir, skip: `npm cannot install examples/${name} here`, remove };
  }
}

/** What tsc reports about the example. Its folder has no types of Node.js. */
export async function compileExample(dir: string): Promise<string> {
  const types = join(dir, '../../node_modules');
  await mkdir(types);
  for (const name of ['@types', 'undici-types'])
    await symlink(join(ROOT, 'node_modules', name), join(types, name));
  const options = ['--noEmit', '--module', 'nodenext', '--target', 'esnext', '--types', 'node'];
  const strict = ['--strict', '--skipLibCheck', '--allowImportingTsExtensions'];
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
  const args = [tsc, ...options, ...strict, 'main.ts'];
  return spawnSync(process.execPath, args, { cwd: dir, encoding: 'utf8' }).stdout;
}
