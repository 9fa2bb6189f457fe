import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generation } from '../pipeline/configs.ts';
import type { Rig } from './rig.ts';
import {
  bundleOf,
  byIncrease,
  byMeaning,
  bySwap,
  byTime,
  commented,
  confirm,
  direct,
  killAt,
  killDuringChange,
  killDuringStart,
  lastGoodDir,
  restartAndKillAt,
  runSteady,
  type Scene,
  supersedeSecond,
  twoTargets,
  webhook,
  withBlocked,
} from './scenes.ts';

/** The way of a new content to the app, and its keeping. */
export const FORWARD: Readonly<Record<string, Scene>> = {
  'publishing/first-start': {
    about: 'Killed at its very first start, before anything was published.',
    run: killDuringStart('before publish'),
  },
  'publishing/first-start-published': {
    about: 'Killed at its very first start, after the publish, and before that was noted.',
    run: killDuringStart('after publish'),
  },
  'publishing/told-at-start': {
    about:
      'Killed at its very first start, after the publish; the app gets a notification of that one as well.',
    bundle: () => ({ tellAtStart: true }),
    run: killDuringStart('after publish'),
  },
  'publishing/before': {
    about: 'Killed before the second generation was published.',
    run: killDuringChange('before publish'),
  },
  'publishing/after': {
    about: 'Killed after the second generation was published, and before that was noted.',
    run: killDuringChange('after publish'),
  },
  'publishing/same-meaning': {
    about: 'Killed after it published a comment, of which the app gets no notification.',
    bundle: byMeaning,
    run: (rig) => killAt(rig, 'after publish', () => rig.pod.write(commented())),
  },
  'publishing/superseding': {
    about: 'Killed before the third generation was published in place of the second.',
    run: supersedeSecond,
  },
  'publishing/expanded': {
    about: 'Killed after the second generation was written to the file that `expand` names.',
    bundle: ({ pod }) => ({
      publish: undefined,
      expand: { file: 'config.yaml', to: join(pod.live, 'config.yaml') },
    }),
    run: killDuringChange('after publish'),
  },
  'delivering/before': {
    about: 'Killed before the sidecar notified the app of the second generation.',
    run: killDuringChange('before deliver'),
  },
  'delivering/killed-twice': {
    about:
      'Killed before the sidecar notified the app of the second generation, and so was the restart.',
    run: async (rig) => {
      await killDuringChange('before deliver')(rig);
      await restartAndKillAt(rig, 'before deliver');
    },
  },
  'delivering/quarantined-meanwhile': {
    about:
      'Started again with stricter checks, which rejected what was being delivered; then killed.',
    run: async (rig) => {
      await killDuringChange('before deliver')(rig);
      const rules = [{ rule: 'self.generation != 2', message: 'not the second one' }];
      await rig.configure({ validate: [{ files: 'features.json', rules }] });
      const since = rig.pod.lines.length;
      rig.pod.start({ heldAt: 'before deliver' });
      await rig.pod.outcome('rejected', since);
      await rig.pod.kill();
    },
  },
  'delivering/second-attempt': {
    about: 'The app answered the first of two attempts with a fault; killed before the second.',
    bundle: ({ pod }) => ({ targets: [webhook(pod.app.url, 2)] }),
    run: async (rig) => {
      rig.answer = () => ({ status: 500 });
      await killDuringChange('before deliver', 2)(rig);
    },
  },
  'delivering/second-target': {
    about: 'The first of two apps got its notification; killed before the second one did.',
    bundle: twoTargets,
    run: killDuringChange('before deliver', 2),
  },
  'delivering/next-waits': {
    about:
      'Killed before the sidecar notified the app of the second generation, while the third one waited.',
    run: (rig) =>
      killAt(rig, 'before deliver', async () => {
        const { pod } = rig;
        await pod.write(generation(2));
        await pod.line(({ held }) => held !== undefined, 'the delivery');
        const since = pod.lines.length;
        await pod.write(generation(3));
        await pod.line(({ step }) => step === 'validate', 'the third one', since);
      }),
  },
  'delivering/direct': {
    about: 'In direct mode, killed before the sidecar notified the app of the second generation.',
    bundle: direct,
    run: killDuringChange('before deliver'),
  },
  'delivering/direct-reverted': {
    about:
      'In direct mode, killed before the sidecar notified the second app of the second generation; ' +
      'then the volume got the first one back.',
    bundle: (rig) => ({ ...direct(), ...twoTargets(rig) }),
    run: async (rig) => {
      await killDuringChange('before deliver', 2)(rig);
      await rig.pod.write(generation(1));
    },
  },
  'delivering/swap': {
    about: 'Killed before the sidecar notified the app of a swap.',
    bundle: bySwap,
    run: killDuringChange('before deliver'),
  },
  'delivering/restart': {
    about: 'The program was asked to end, and has ended; killed before another one was up.',
    bundle: (rig) => ({ targets: [{ restart: { process: rig.program, grace: '5m' } }] }),
    run: killWhileRestarting,
  },
  'delivering/restarted': {
    about: 'The program has ended, and another one has come up; killed before that was noted.',
    bundle: (rig) => ({ targets: [{ restart: { process: rig.program, grace: '5m' } }] }),
    run: killAfterRestart,
  },
  'confirming/before': {
    about: 'Killed after the app took the second generation, before its proof.',
    run: killDuringChange('before confirm'),
  },
  'confirming/first-start': {
    about: 'Killed at its very first start, before the proof.',
    run: killDuringStart('before confirm'),
  },
  'confirming/compared': {
    about: 'There is no target, and the proof compares with what was noted before the publish.',
    bundle: (rig) => ({ ...byIncrease(rig), targets: [] }),
    run: killDuringChange('before confirm'),
  },
  'confirming/compared-by-time': {
    about: 'The same with a metric that is the time of the last reload.',
    bundle: (rig) => ({ ...byTime(rig), targets: [] }),
    run: async (rig) => {
      rig.reloads = Math.floor(Date.now() / 1000);
      await killDuringChange('before confirm')(rig);
    },
  },
  'confirming/compared-with-target': {
    about:
      'The app got the notification, and what the proof compares with was lost with the sidecar.',
    bundle: byIncrease,
    run: killDuringChange('before confirm'),
  },
  'committing/before': {
    about:
      'Killed after the proof of the second generation, before it was kept as the last good one.',
    run: killDuringChange('before commit'),
  },
  'committing/after': {
    about: 'Killed after the second generation was kept, before that was noted.',
    run: killDuringChange('after commit'),
  },
  'committing/same-meaning': {
    about:
      'In direct mode, killed before it kept a comment, of which the app gets no notification.',
    bundle: (rig) => ({ ...direct(), ...byMeaning(), confirm: bundleOf(rig).confirm }),
    run: (rig) => killAt(rig, 'before commit', () => rig.pod.write(commented())),
  },
  'retrying/publish': {
    about:
      'The first publish failed since a file was in the way; killed before it was tried again.',
    run: async (rig) => {
      const { pod } = rig;
      // The volume is empty, so nothing is published yet.
      pod.start({ heldAt: 'before wait' });
      await pod.outcome('rejected');
      await withBlocked(pod.live, async () => {
        await pod.write(generation(1));
        await pod.line(({ held }) => held !== undefined, 'a failed publish');
        await pod.kill();
      });
    },
  },
  'retrying/deliver': {
    about: 'The app was down; killed before the next notification of the second generation.',
    run: (rig) =>
      killAt(rig, 'before wait', async () => {
        await rig.pod.app.stop();
        await rig.pod.write(generation(2));
      }),
  },
  'retrying/confirm': {
    about: 'The first start was not proven in time; killed before the proof was tried again.',
    run: async (rig) => {
      const { app } = rig.pod;
      app.onHealth = () => 503;
      await rig.configure({ confirm: confirm(app.url, '100ms') });
      await killDuringStart('before wait')(rig);
      await rig.configure({ confirm: confirm(app.url) });
    },
  },
  'retrying/commit': {
    about: 'The second generation could not be kept; killed before that was tried again.',
    run: async (rig) => {
      await killAt(rig, 'before wait', () =>
        withBlocked(lastGoodDir(rig), async () => {
          await rig.pod.write(generation(2));
          await rig.pod.line(({ held }) => held !== undefined, 'a failed commit');
        }),
      );
    },
  },
};

/** The program ends, and its container does not start it again before the sidecar is killed. */
async function killWhileRestarting(rig: Rig): Promise<void> {
  const { pod } = rig;
  await runSteady(rig);
  await rig.startProgram();
  const since = pod.lines.length;
  pod.start();
  await pod.outcome('unchanged', since);
  await pod.write(generation(2));
  await rig.programEnds();
  const memory = join(pod.dir, 'state', 'model', 'target-0.json');
  // It is noted a moment after the signal.
  while (!JSON.parse(await readFile(memory, 'utf8')).sent) await new Promise(setImmediate);
  await pod.kill();
}

/** The program ends, and its container starts it again. */
async function killAfterRestart(rig: Rig): Promise<void> {
  await rig.startProgram();
  await killAt(rig, 'after deliver', async () => {
    await rig.pod.write(generation(2));
    await rig.programEnds();
    await rig.startProgram();
  });
}
