import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';

const MAIN = join(import.meta.dirname, '../main.ts');

test('a stop before the first check leaves a reason', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'lastgood-run-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  mkdirSync(join(dir, 'volume'));
  writeFileSync(join(dir, 'volume/a.yaml'), 'a: 1\n');
  const config = join(dir, 'lastgood.yaml');
  const bundle = (name: string, checks: string) =>
    `  - { name: ${name}, volumes: [{ path: ${dir}/volume }], validate: [${checks}] }\n`;
  const check = '{ exec: { command: [sleep, "300"], timeout: 5m } }';
  writeFileSync(
    config,
    `listen: "127.0.0.1:0"\nstateDir: ${dir}/state\nbundles:\n${bundle('ready', '')}${bundle('early', check)}`,
  );
  const child = spawn(process.execPath, [MAIN, '--config', config]);
  t.after(() => child.kill('SIGKILL'));
  const stderr = text(child.stderr);
  // The version of the other bundle is active.
  let said = '';
  child.stdout.on('data', (chunk) => (said += chunk));
  while (!said.includes('committed')) await once(child.stdout, 'data');
  child.kill('SIGTERM');
  const [code] = await once(child, 'exit');
  assert.equal(code, 0);
  assert.match(
    await stderr,
    /^lastgood: lastgood was stopped before it had checked a version of the bundle early \[LG_CAPTURE_STOPPED\]\n {2}hint: [^\n]*\n$/,
  );
});
