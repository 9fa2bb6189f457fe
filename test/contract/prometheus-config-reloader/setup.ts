/**
 * Builds the real prometheus-config-reloader where Go is installed, as any Go program is built from its
 * module, so that the contract can test it too. `npm run setup:peers`; takes some minutes.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PEERS_DIR } from '../peers.ts';

const MODULE = 'github.com/prometheus-operator/prometheus-operator/cmd/prometheus-config-reloader';
const VERSION = 'v0.92.1';

const scratch = mkdtempSync(join(tmpdir(), 'lastgood-peers-'));
const go = (...args: string[]) => execFileSync('go', args, { cwd: scratch, stdio: 'inherit' });
try {
  mkdirSync(PEERS_DIR, { recursive: true });
  go('mod', 'init', 'peers');
  go('get', `${MODULE}@${VERSION}`);
  go('build', '-o', join(PEERS_DIR, 'prometheus-config-reloader'), MODULE);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
