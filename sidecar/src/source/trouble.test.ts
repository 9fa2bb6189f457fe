import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { join } from 'node:path';
import { test } from 'node:test';
import { watch as chokidarWatch } from 'chokidar';
import { AtomicWriter } from '../../../test/kubelet/atomic-writer.ts';
import { temporaryDirectory } from '../../../test/kubelet/temporary-directory.ts';
import { systemClock } from '../clock.ts';
import { formatFinding } from '../verdict.ts';
import type { Watch, Watcher } from './root.ts';
import { watchVolumes } from './source.ts';

/** What chokidar does when inotify has no watch left: an error, and ready all the same. */
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

for (const code of ['ENOSPC', 'EMFILE']) {
  test(`P3 where no watch can be had (${code}) it is looked each second, until there is one`, async (t) => {
    const path = temporaryDirectory(t);
    const events = new EventEmitter();
    const troubles: string[] = [];
    const had = Promise.withResolvers<void>();
    let attempts = 0;
    const source = watchVolumes({
      paths: [path],
      settleMs: 0,
      recheckMs: 1_500,
      clock: systemClock,
      onLook: (why) => events.emit(why),
      onTrouble: (finding) => troubles.push(formatFinding(finding)),
      watch: (paths, options) => {
        attempts += 1;
        if (attempts === 3) had.resolve();
        const watch = attempts < 3 ? failingWatch(code) : (chokidarWatch as unknown as Watch);
        return watch(paths, options);
      },
    });
    t.after(() => source.close());
    const signal = AbortSignal.timeout(20_000);
    for (let count = 0; count < 2; count++) await once(events, 'poll', { signal });
    assert.ok(attempts <= 2, 'it is not tried again at each look');
    // At the second re-check the watch is had, and what happened meanwhile is looked for.
    await had.promise;
    await once(events, 'change', { signal });
    const swapped = once(events, 'swap', { signal });
    await new AtomicWriter(path).write({ a: { bytes: '1' } });
    await swapped;
    const trouble = `watching ${path} failed: ${code} [LG_SOURCE_WATCH]`;
    assert.deepEqual(troubles, [trouble, trouble]);
  });
}

test('a watch function that throws is trouble, and no crash', async (t) => {
  const troubles: string[] = [];
  const source = watchVolumes({
    paths: [temporaryDirectory(t)],
    settleMs: 0,
    clock: systemClock,
    onLook: () => {},
    onTrouble: (finding) => troubles.push(finding.message),
    watch: () => {
      throw new Error('out of order');
    },
  });
  await source.ready;
  await source.close();
  assert.match(troubles.join(), /failed: out of order$/);
});

test('P3 a kernel without a single inotify watch left is polled', (t) => {
  const path = temporaryDirectory(t);
  const script = `
    import { watchVolumes } from ${JSON.stringify(join(import.meta.dirname, 'source.ts'))};
    import { systemClock as clock } from ${JSON.stringify(join(import.meta.dirname, '../clock.ts'))};
    const source = watchVolumes({
      paths: [${JSON.stringify(path)}],
      settleMs: 0,
      clock,
      onTrouble: (finding) => console.log(finding.message),
      onLook: (why) => why === 'poll' && source.close().then(() => console.log('polled')),
    });`;
  // The limit belongs to the user namespace, so that of the machine is left alone.
  const limit = 'echo 0 > /proc/sys/user/max_inotify_watches && exec "$0" "$@"';
  const node = [process.execPath, '--input-type=module', '-e', script];
  const child = spawnSync('unshare', ['-Ur', 'sh', '-c', limit, ...node], { encoding: 'utf8' });
  if (/unshare|Permission denied|Read-only/.test(child.stderr)) {
    return t.skip('needs a user namespace of its own to limit inotify');
  }
  assert.equal(child.stdout, `watching ${path} failed: ENOSPC\npolled\n`, child.stderr);
});
