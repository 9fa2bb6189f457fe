/** Systems that show less of a process than Linux does: a `/proc` with lines or files missing. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { skip } from '@lastgood/core/source/mounts.testing.ts';
import { DEADLINE_MS } from '../../../../test/deadline.ts';
import { Scene, until } from '../../io/process/process.testing.ts';
import type { SignalSettings } from '../../settings/settings.ts';
import type { Delivery } from './target.ts';

const PROGRAM = join(import.meta.dirname, 'fixtures/signal-program.ts');

/** Delivers where `/proc/PID/status` has only these lines. */
function deliver(scene: Scene, pid: number, keep: RegExp, more: Partial<SignalSettings>): Delivery {
  const status = join(scene.dir, 'status');
  const lines = readFileSync(`/proc/${pid}/status`, 'utf8').split('\n');
  writeFileSync(status, `${lines.filter((line) => keep.test(line)).join('\n')}\n`);
  const settings = { ...scene.settings(), signal: 'SIGHUP', sendUnchecked: false, ...more };
  const script = 'mount --bind "$0" /proc/$1/status && exec "$2" "$3" "$4"';
  const args = [script, status, String(pid), process.execPath, PROGRAM, JSON.stringify(settings)];
  const { stdout, stderr } = spawnSync('unshare', ['--mount', 'bash', '-c', ...args], {
    encoding: 'utf8',
    timeout: DEADLINE_MS,
  });
  assert.notEqual(stdout, '', stderr);
  return JSON.parse(stdout) as Delivery;
}

test('P9: without SigCgt the signal is not sent, and says so, unless the settings allow it', {
  skip,
}, async (t) => {
  const scene = new Scene(t);
  const pid = await scene.start();
  const asGvisor = /^(?:Name|State|Pid|PPid|Threads):/;
  const refused = deliver(scene, pid, asGvisor, {});
  assert.equal(refused.answer, 'fault');
  assert.deepEqual(
    refused.findings.map(({ code, message }) => [code, message]),
    [
      [
        'LG_DELIVER_SIGNAL_UNKNOWN',
        `signal SIGHUP to ${scene.name} was not sent: the system does not show whether ` +
          `${scene.name} (pid ${pid}) catches it`,
      ],
    ],
  );
  await scene.hasHeard(pid);
  assert.deepEqual(scene.pidsIn('SIGHUP'), []);
  const uid = process.getuid?.();
  assert.equal(deliver(scene, pid, asGvisor, { sendUnchecked: true, uid }).answer, 'accepted');
  await until(() => scene.pidsIn('SIGHUP').length > 0);
  assert.deepEqual(scene.pidsIn('SIGHUP'), [pid]);
});
