/**
 * Runs alone in a process namespace, where it can choose the number of the next process: between
 * the choice and the signal, the app ends and a stranger gets its number, who would take the signal.
 */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Clock, systemClock } from '../clock.ts';
import { EVENT } from '../event.fixture.ts';
import { Scene, until } from '../processes/testing.ts';
import { createSignal } from './signal.ts';

/** Other processes may take the number first. */
const MAX_TRIES = 50;

const endings: (() => void)[] = [];
const scene = new Scene({ after: (end: () => void) => void endings.push(end) });
const pid = await scene.start();
const pidFile = join(scene.dir, 'pid');
writeFileSync(pidFile, String(pid));

/** Asked for the time between the choice of the process and the signal. */
const wallMs: Clock['wallMs'] = () => {
  process.kill(pid, 'SIGKILL');
  wait(() => !existsSync(`/proc/${pid}`));
  for (let tries = 0; tries < MAX_TRIES && !existsSync(`/proc/${pid}`); tries++) {
    // The shell that starts it gets the number before.
    writeFileSync('/proc/sys/kernel/ns_last_pid', String(pid - 2));
    scene.orphan(scene.command({}));
  }
  wait(() => scene.told('started').filter((one) => one === pid).length === 2);
  return Date.now();
};

function wait(isOver: () => boolean): void {
  while (!isOver()) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
}

const retries = { attempts: 5, backoffMs: 1_000, maxMs: 30_000 };
const settings = scene.settings({ process: undefined, pidFile });
const target = createSignal({
  settings: { ...settings, signal: 'SIGHUP', retries },
  clock: { ...systemClock, wallMs },
});
const { answer } = await target.deliver(EVENT, new AbortController().signal);
// What comes later shows that nothing came before.
process.kill(pid, 'SIGHUP');
await until(() => scene.told('SIGHUP').length > 0);
process.stdout.write(JSON.stringify({ answer, told: scene.told('SIGHUP').length }));
for (const end of endings) end();
