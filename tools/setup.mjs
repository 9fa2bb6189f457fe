/**
 * Installs the pinned dependencies when they are missing or the lock file changed, so that any npm
 * script of this repository works as the first command on a fresh clone. Plain JavaScript that runs
 * on Node 20: npm's `pre` scripts call it before the pinned Node 26 is there.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const stamp = `${root}node_modules/.lastgood-setup`;
const wanted = createHash('sha256')
  .update(readFileSync(`${root}package-lock.json`))
  .digest('hex');

if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== wanted) {
  process.stderr.write(
    'lastgood: installing the pinned dependencies once (npm ci), up to a minute …\n',
  );
  const npm = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    encoding: 'utf8',
    shell: process.platform === 'win32',
  });
  if (npm.status !== 0) {
    process.stderr.write(`${npm.stdout ?? ''}${npm.stderr ?? ''}${npm.error ?? ''}\n`);
    process.stderr.write('lastgood: npm ci failed; the lines above say why.\n');
    process.exit(1);
  }
  writeFileSync(stamp, wanted);
}
