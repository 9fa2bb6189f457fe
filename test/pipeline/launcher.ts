import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

const SOURCES = new URL('../../sidecar/image/', import.meta.url).pathname;

const STRICT = ['-Os', '-Wall', '-Wextra', '-Werror'];

/** Compiles the `lastgood` of the image to `path`, for files of the image in `home`. */
export function compileLauncher(path: string, home: string, sys = '/sys'): void {
  const places = [`-DNODE="${process.execPath}"`, `-DHOME="${home}"`, `-DSYS="${sys}"`];
  compile(['-static', ...places], path, 'lastgood.c');
  compile(['-shared', '-fPIC', '-nostdlib'], join(home, 'small-reads.so'), 'small-reads.c');
}

function compile(flags: readonly string[], path: string, source: string): void {
  execFileSync('cc', [...STRICT, ...flags, '-o', path, join(SOURCES, source)]);
}
