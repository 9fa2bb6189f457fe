import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text as textOf } from 'node:stream/consumers';
import { describe, type TestContext, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { DEADLINE_MS } from '../../../test/deadline.ts';
import { temporaryDirectory } from '../../../test/kubelet/temporary-directory.ts';
import { type Watch, type Watcher, watchDirectories } from './directory-watcher.ts';
import { clockHolding, patientClock, volumesAt, watching } from './source.testing.ts';
import { POLL_MS, watchVolumes } from './source.ts';

/** What a watcher does when inotify has no watch left: an error, and ready all the same. */
function failingWatch(code: string): Watch {
  return () => {
    const watcher = new EventEmitter();
    setImmediate(() => {
      watcher.emit('error', Object.assign(new Error(`no watch: ${code}`), { code }));
      watcher.emit('ready');
    });
    return Object.assign(watcher, { close: async () => {} }) as unknown as Watcher;
  };
}

const POLLED = 'lastgood polls it every second until it can be watched again';

/** What lifts the limits of a user namespace, as an administrator does on the node. */
const LIMITS = ['max_inotify_watches', 'max_inotify_instances'] as const;

for (const code of ['ENOSPC', 'EMFILE', 'ENOSYS']) {
  test(`P3 where no watch can be had (${code}) the volume is polled every second, until there is one`, async (t) => {
    const path = temporaryDirectory(t);
    const recheckMs = 1_500;
    const { clock, end } = clockHolding(POLL_MS, recheckMs);
    let attempts = 0;
    const { waitFor, waitForSwap, troubles, restored } = await watching(t, [path], {
      recheckMs,
      clock,
      watch: (paths, onSet) => {
        attempts += 1;
        return attempts < 3 ? failingWatch(code)(paths) : watchDirectories(paths, onSet);
      },
    });
    for (let count = 0; count < 2; count++) await waitFor('poll', () => end(POLL_MS));
    assert.equal(attempts, 1, 'it is not tried again at each poll');
    await waitFor('recheck', () => end(recheckMs));
    while (attempts < 2) await nextTurn();
    await waitFor('poll', () => end(POLL_MS));
    assert.deepEqual(restored, []);
    // The second re-check gets the watch, and then checks for changes that happened before it.
    await waitFor('change', () => end(recheckMs));
    await waitForSwap(path);
    assert.deepEqual(troubles, [`watching ${path} failed: ${code}; ${POLLED} [LG_SOURCE_WATCH]`]);
    assert.deepEqual(restored, [path]);
  });
}

// All of them wait for seconds to pass, so they do it together.
describe('without inotify', { concurrency: true }, () => {
  for (const [limit, code] of [
    ['max_inotify_watches', 'ENOSPC'],
    ['max_inotify_instances', 'EMFILE'],
  ] as const) {
    for (const kind of ['directory', 'file']) {
      test(`P3 a ${kind} is polled where the kernel has no ${limit} left (${code}), and watched again once it has`, async (t) => {
        const dir = temporaryDirectory(t);
        const path = kind === 'file' ? join(dir, 'config.yaml') : dir;
        writeFileSync(join(dir, 'config.yaml'), 'old');
        const story = await storyIn(t, limit, script(path, join(dir, 'config.yaml')));
        if (story === undefined) {
          return t.skip('needs a separate user namespace to limit inotify');
        }
        assert.deepEqual(story, [
          `watching ${path} failed: ${code}; ${POLLED}`,
          'edit found by poll',
          `restored ${path}`,
          'edit found by change',
        ]);
      });
    }
  }
});

test('a watch function that throws causes a finding, not a crash', async (t) => {
  const troubles: string[] = [];
  const source = watchVolumes({
    volumes: volumesAt(temporaryDirectory(t)),
    settleMs: 0,
    clock: patientClock,
    onChange: () => {},
    onProblem: (finding) => troubles.push(finding.message),
    watch: () => {
      throw new Error('out of order');
    },
  });
  await source.ready;
  await source.close();
  assert.match(troubles.join(), /failed: out of order; lastgood polls it/);
});

/**
 * Edits in place while it is polled, lifts the limit, and edits once more when it is watched again. The
 * source calls at its start and after each new watch anyway; each edit waits until it has.
 */
function script(path: string, file: string): string {
  const sourceFile = JSON.stringify(join(import.meta.dirname, 'source.ts'));
  const clockFile = JSON.stringify(join(import.meta.dirname, '../model/clock.ts'));
  return `
    import { readFileSync, writeFileSync } from 'node:fs';
    import { watchVolumes } from ${sourceFile};
    import { systemClock as clock } from ${clockFile};
    const seen = new Set();
    let edited = '';
    const edit = (text) => {
      seen.add(text);
      edited = text;
      writeFileSync(${JSON.stringify(file)}, text);
    };
    const note = (event) => {
      seen.add(event);
      if (!seen.has('first') && seen.has('start') && seen.has('trouble')) edit('first');
      if (!seen.has('second') && seen.has('restored') && event === 'change') edit('second');
    };
    const found = (why) => {
      console.log('edit found by ' + why);
      if (edited === 'second') void source.close();
      edited = '';
      if (why !== 'poll') return;
      for (const limit of ${JSON.stringify(LIMITS)}) {
        writeFileSync('/proc/sys/user/' + limit, '1000');
      }
    };
    const source = watchVolumes({
      volumes: [{ path: ${JSON.stringify(path)}, include: ['**'], exclude: [] }],
      settleMs: 0,
      recheckMs: 2_000,
      clock,
      onProblem: (finding) => {
        console.log(finding.message);
        note('trouble');
      },
      onRestored: (path) => {
        console.log('restored ' + path);
        note('restored');
      },
      onChange: (why) => {
        if (edited === '') note(why);
        else if (why !== 'recheck') found(why);
      },
    });`;
}

/** The limit belongs to the user namespace, so that of the machine is left alone. */
async function storyIn(
  t: TestContext,
  limit: (typeof LIMITS)[number],
  text: string,
): Promise<string[] | undefined> {
  const limited = `echo 0 > /proc/sys/user/${limit} && exec "$0" "$@"`;
  const node = [process.execPath, '--input-type=module', '-e', text];
  const child = spawn('unshare', ['-Ur', 'sh', '-c', limited, ...node], { timeout: DEADLINE_MS });
  t.after(() => child.kill('SIGKILL'));
  const [stdout, stderr] = await Promise.all([textOf(child.stdout), textOf(child.stderr)]);
  const isRefused = /unshare|Permission denied|Read-only/.test(stderr);
  if (isRefused && !process.env.CI) return undefined;
  assert.equal(stderr, '');
  return stdout.trimEnd().split('\n');
}
