import { execFileSync } from 'node:child_process';

const SOURCE = new URL('../../sidecar/image/lastgood.c', import.meta.url).pathname;

/** Compiles the `lastgood` of the image to `path`, for files of the image in `home`. */
export function compileLauncher(path: string, home: string): void {
  const places = [`-DNODE="${process.execPath}"`, `-DHOME="${home}"`];
  execFileSync('cc', [
    '-static',
    '-Os',
    '-Wall',
    '-Wextra',
    '-Werror',
    ...places,
    '-o',
    path,
    SOURCE,
  ]);
}
