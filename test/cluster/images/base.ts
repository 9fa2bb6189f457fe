import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { BUSYBOX } from '../programs/programs.ts';

/**
 * Lays out a base image in place of `node:26-slim`, since no registry need be reachable: the Node that runs this,
 * npm, and BusyBox as its shell, with their libraries.
 */
export function layOutBase(dir: string): void {
  rmSync(dir, { recursive: true, force: true });
  const programs = [
    { from: realpathSync(process.execPath), to: 'usr/local/bin/node' },
    { from: BUSYBOX, to: 'bin/busybox' },
  ];
  for (const { from, to } of programs) {
    copy(from, join(dir, to));
    chmodSync(join(dir, to), 0o755);
    for (const library of listLibraries(from)) copy(realpathSync(library), join(dir, library));
  }
  const applets = execFileSync(BUSYBOX, ['--list'], { encoding: 'utf8' }).trim().split('\n');
  for (const name of applets.filter((each) => each !== 'busybox'))
    symlinkSync('busybox', join(dir, 'bin', name));
  layOutNpm(dir);
  for (const name of ['tmp', 'etc', 'usr/bin', 'root'])
    mkdirSync(join(dir, name), { recursive: true });
  chmodSync(join(dir, 'tmp'), 0o1777);
  symlinkSync('/bin/busybox', join(dir, 'usr/bin/env'));
  writeFileSync(join(dir, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\n');
  writeFileSync(join(dir, 'etc/group'), 'root:x:0:\n');
}

function layOutNpm(dir: string): void {
  const modules = execFileSync('npm', ['root', '--global'], { encoding: 'utf8' }).trim();
  const into = 'usr/local/lib/node_modules/npm';
  cpSync(realpathSync(join(modules, 'npm')), join(dir, into), { recursive: true });
  symlinkSync(`/${into}/bin/npm-cli.js`, join(dir, 'usr/local/bin/npm'));
}

/** Adds a C compiler: in place of the full `node:26`, on which the Dockerfile builds. */
export function layOutCompiler(dir: string): void {
  layOutBase(dir);
  const ask = (what: string) => execFileSync('cc', [what], { encoding: 'utf8' }).trim();
  const programs = ['cc1', 'collect2', 'lto-wrapper'].map((name) =>
    ask(`-print-prog-name=${name}`),
  );
  const commands = ['cc', 'as', 'ld'].map((name) => ({ name, path: locate(name) }));
  for (const path of [...programs, ...commands.map((each) => each.path)]) {
    copy(path, join(dir, path));
    for (const library of listLibraries(path)) copy(realpathSync(library), join(dir, library));
  }
  for (const { name, path } of commands) symlinkSync(path, join(dir, 'usr/local/bin', name));
  const files = ['crt1.o', 'crti.o', 'crtn.o', 'libc.a'];
  const internal = [
    'crtbeginT.o',
    'crtend.o',
    'libgcc.a',
    'libgcc_eh.a',
    'liblto_plugin.so',
    'include',
  ];
  for (const path of [...files, ...internal].map((name) => ask(`-print-file-name=${name}`)))
    cpSync(realpathSync(path), join(dir, path), { recursive: true });
  for (const path of listHeaders()) copy(path, join(dir, path));
}

/** The headers of the C library and of the kernel. */
function listHeaders(): readonly string[] {
  const packages = ['libc6-dev', 'linux-libc-dev'];
  const listed = execFileSync('dpkg', ['-L', ...packages], { encoding: 'utf8' }).split('\n');
  return listed.filter((path) => path.startsWith('/usr/include/') && /\.h$/.test(path));
}

/** The paths at which the loader looks for the libraries. None for a static program. */
function listLibraries(program: string): readonly string[] {
  const { stdout } = spawnSync('ldd', [program], { encoding: 'utf8' });
  return [...stdout.matchAll(/(\/\S+) \(0x/g)].map(([, path = '']) => path);
}

function locate(name: string): string {
  return realpathSync(execFileSync('which', [name], { encoding: 'utf8' }).trim());
}

function copy(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  cpSync(from, to);
}
