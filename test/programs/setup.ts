/**
 * Fetches the programs as Debian packages and unpacks them below node_modules: nothing is installed, no service starts, and no root is needed. `npm run test:programs` runs it first. Where
 * that does not work it says so in one line, and the tests decide what it means.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, globSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROGRAMS, PROGRAMS_DIR, type Program, programsFault } from './programs.ts';

/** Their libraries are fetched too, where they are not here. */
const WITH_LIBRARIES = ['nginx', 'haproxy', 'postgresql-15'];
/** What they depend on is much, and not needed: Go programs, and pure Python. */
const ALONE = ['prometheus', 'gunicorn', 'python3-gunicorn'];
/** Large, and only for what the tests do not ask of PostgreSQL. */
const LEFT_OUT = /^lib(?:llvm|z3|perl)/;

if (programsFault() !== undefined) {
  process.stderr.write(
    'test/programs: fetching nginx, haproxy, prometheus, postgresql and gunicorn once, about 45 MB …\n',
  );
  try {
    unpack();
  } catch (error) {
    const { stderr } = error as { stderr?: Buffer };
    const reason = (stderr?.toString() || String(error)).trim().split('\n').at(-1);
    process.stderr.write(`test/programs: cannot fetch the programs: ${reason}\n`);
  }
}

function unpack(): void {
  const scratch = `${PROGRAMS_DIR}.new`;
  for (const dir of [scratch, PROGRAMS_DIR]) rmSync(dir, { recursive: true, force: true });
  mkdirSync(scratch, { recursive: true });
  run('apt-get', ['download', ...ALONE, ...missingPackages()], scratch);
  for (const deb of globSync('*.deb', { cwd: scratch }))
    run('dpkg-deb', ['--extract', deb, PROGRAMS_DIR], scratch);
  rmSync(scratch, { recursive: true });
  for (const program of PROGRAMS) wrap(program);
}

/** What apt would install for them: the packages themselves, and the libraries that are not here. */
function missingPackages(): readonly string[] {
  const arguments_ = ['install', '--simulate', '--no-install-recommends', ...WITH_LIBRARIES];
  let { status, stdout } = spawnSync('apt-get', arguments_, { encoding: 'utf8' });
  // A fresh image has no lists of packages yet.
  if (status !== 0) {
    run('apt-get', ['update', '-qq'], '/');
    stdout = run('apt-get', arguments_, '/');
  }
  const names = [...(stdout ?? '').matchAll(/^Inst (\S+)/gm)].map((match) => match[1] ?? '');
  const needed = names.filter((name) => /^(?:lib|nginx)/.test(name) && !LEFT_OUT.test(name));
  return [...new Set([...WITH_LIBRARIES, ...needed])];
}

/** A command gets no environment, so a script sets the path of the libraries. */
function wrap(program: Program): void {
  const [binary = ''] = globSync(`usr/{bin,sbin,lib/postgresql/*/bin}/${program}`, {
    cwd: PROGRAMS_DIR,
  });
  const [libraries = ''] = globSync('usr/lib/*-linux-gnu*', { cwd: PROGRAMS_DIR });
  mkdirSync(join(PROGRAMS_DIR, 'bin'), { recursive: true });
  const path = join(PROGRAMS_DIR, 'bin', program);
  const library = `LD_LIBRARY_PATH='${join(PROGRAMS_DIR, libraries)}'`;
  const modules = `PYTHONPATH='${join(PROGRAMS_DIR, 'usr/lib/python3/dist-packages')}'`;
  // Its first line names a Python that need not be here.
  const isPython = program === 'gunicorn';
  const run = `'${join(PROGRAMS_DIR, binary)}' "$@"`;
  const command = isPython ? `${modules} exec python3 ${run}` : `${library} exec ${run}`;
  writeFileSync(path, `#!/bin/sh\n${command}\n`);
  chmodSync(path, 0o755);
}

function run(command: string, arguments_: readonly string[], cwd: string): string {
  return execFileSync(command, arguments_, { cwd, encoding: 'utf8', stdio: 'pipe' });
}
