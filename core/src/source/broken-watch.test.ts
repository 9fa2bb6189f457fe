import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text as textOf } from 'node:stream/consumers';
import { describe, type TestContext, test } from 'node:test';
import { DEADLINE_MS } from '../../../test/deadline.ts';
import { AtomicWriter } from '../../../test/kubelet/atomic-writer.ts';
import { temporaryDirectory } from '../../../test/kubelet/temporary-directory.ts';
import { systemClock } from '../model/clock.ts';
import { formatFinding } from '../model/finding.ts';
import { type Watch, type Watcher, watchDirectories } from './directory-watcher.ts';
import { volumesAt } from './source.testing.ts';
import { watchVolumes } from './source.ts';

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

// All of them wait for seconds to pass, so they do it together.
describe('without inotify', { concurrency: true }, () => {
  for (const code of ['ENOSPC', 'EMFILE', 'ENOSYS']) {
    test(`P3 where no watch can be had (${code}) the volume is polled every second, until there is one`, async (t) => {
      const path = temporaryDirectory(t);
      const events = new EventEmitter();
      const troubles: string[] = [];
      const restored: string[] = [];
      const had = Promise.withResolvers<void>();
      let attempts = 0;
      const source = watchVolumes({
        volumes: volumesAt(path),
        settleMs: 0,
        recheckMs: 1_500,
        clock: systemClock,
        onChange: (why) => events.emit(why),
        onProblem: (finding) => troubles.push(formatFinding(finding)),
        onRestored: (each) => restored.push(each),
        watch: (paths) => {
          attempts += 1;
          if (attempts === 3) had.resolve();
          const watch = attempts < 3 ? failingWatch(code) : watchDirectories;
          return watch(paths);
        },
      });
      t.after(() => source.close());
      const signal = AbortSignal.timeout(DEADLINE_MS);
      for (let count = 0; count < 2; count++) await once(events, 'poll', { signal });
      assert.ok(attempts <= 2, 'it is not tried again at each poll');
      // The second re-check gets the watch, and then checks for changes that happened before it.
      await had.promise;
      await once(events, 'change', { signal });
      const swapped = once(events, 'swap', { signal });
      await new AtomicWriter(path).write({ a: { bytes: '1' } });
      await swapped;
      assert.deepEqual(troubles, [`watching ${path} failed: ${code}; ${POLLED} [LG_SOURCE_WATCH]`]);
      assert.deepEqual(restored, [path]);
    });
  }

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
    clock: systemClock,
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
    let editedAtMs = 0;
    const edit = (text) => {
      seen.add(text);
      edited = text;
      editedAtMs = performance.now();
      writeFileSync(${JSON.stringify(file)}, text);
    };
    const note = (event) => {
      seen.add(event);
      if (!seen.has('first') && seen.has('start') && seen.has('trouble')) edit('first');
      if (!seen.has('second') && seen.has('restored') && event === 'change') edit('second');
    };
    const found = (why) => {
      // Ten times as long as between two polls.
      const isLate = performance.now() - editedAtMs > 10_000;
      console.log('edit found by ' + why + (isLate ? ', late' : ''));
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
