import { rm } from 'node:fs/promises';
import { generation } from '../pipeline/configs.ts';
import type { Rig } from './rig.ts';
import {
  broken,
  byMeaning,
  bySwap,
  commented,
  direct,
  killAt,
  killDuringChange,
  killDuringStart,
  lastGoodDir,
  refusesSecond,
  restartAndKillAt,
  runSteady,
  type Scene,
  supersedeSecond,
  webhook,
} from './scenes.ts';

/** Between two rollouts, or before the first verdict after a start. */
export const IDLE: Readonly<Record<string, Scene>> = {
  'starting/first-start': {
    about: 'Killed at its very first start, while the first content is checked.',
    run: killDuringStart('before validate'),
  },
  'starting/restart': {
    about: 'Killed while a restart checks the content that the app runs on already.',
    run: async (rig) => {
      await runSteady(rig);
      await restartAndKillAt(rig, 'before validate');
    },
  },
  'starting/interrupted': {
    about: 'Killed before a publish, and once more while the restart checks the content again.',
    run: async (rig) => {
      await killDuringChange('before publish')(rig);
      await restartAndKillAt(rig, 'before validate');
    },
  },
  'starting/interrupted-same-meaning': {
    about: 'The same with a comment, of which the app gets no notification.',
    bundle: byMeaning,
    run: async (rig) => {
      await killAt(rig, 'before publish', () => rig.pod.write(commented()));
      await restartAndKillAt(rig, 'before validate');
    },
  },
  'starting/interrupted-then-broken': {
    about:
      'The second generation is published when the third one cuts it off and the sidecar is killed; ' +
      'then the volume holds a broken content, and the sidecar is killed while it is checked.',
    run: async (rig) => {
      await supersedeSecond(rig);
      await rig.pod.write(broken());
      await restartAndKillAt(rig, 'before validate');
    },
  },
  'pending-restart/waiting': {
    about: 'An app has said that it cannot change to the second generation while it runs; killed.',
    bundle: () => ({ targets: [{ subscribers: {} }], confirm: undefined }),
    run: (rig) =>
      killAt(rig, 'before await-restart', async () => {
        const app = rig.subscribe((_, event) => (event === 'prepare' ? 'restart' : 'accept'));
        await app.until(() => app.runs !== undefined);
        await rig.pod.write(generation(2));
      }),
  },
  'steady/unchanged': {
    about: 'Stopped while the app runs on what the volume holds.',
    run: runSteady,
  },
  'steady/last-good-lost': {
    about: 'Stopped, and what was kept as the last good one is lost; it is still published.',
    run: async (rig) => {
      await runSteady(rig);
      await rm(lastGoodDir(rig), { recursive: true });
    },
  },
  'steady/checking': {
    about: 'Killed while the second generation is checked.',
    run: killDuringChange('before validate', 2),
  },
  'steady/quarantined': {
    about: 'The app has refused the second generation, and runs on the first one again.',
    run: async (rig) => {
      refusesSecond(rig);
      await rollOutUntil(rig, 'rolled-back');
    },
  },
  'steady/quarantined-secret': {
    about:
      'The same with a secret volume, whose versions depend on the key in the state directory.',
    bundle: ({ pod }) => ({ volumes: [{ path: pod.source, secret: true }] }),
    run: async (rig) => {
      refusesSecond(rig);
      await rollOutUntil(rig, 'rolled-back');
    },
  },
  'steady/rejected': {
    about: 'The checks have rejected what the volume holds.',
    run: async (rig) => {
      await runSteady(rig);
      const since = rig.pod.lines.length;
      rig.pod.start();
      await rig.pod.outcome('unchanged', since);
      await rig.pod.write(broken());
      await rig.pod.outcome('rejected', since);
      await rig.pod.kill('SIGTERM');
    },
  },
  'steady/pending-retry': {
    about:
      'The second generation failed by a fault of the app; the sidecar will try it again later.',
    bundle: ({ pod }) => ({ targets: [webhook(pod.app.url, 1)] }),
    run: async (rig) => {
      rig.answer = ({ reason }) => ({ status: reason === 'rollback' ? 200 : 500 });
      await killDuringChange('before wait-pending-retry')(rig);
    },
  },
  'steady/pending-recheck': {
    about: 'A dry run of the second generation got no answer; the sidecar will run it again later.',
    bundle: ({ pod }) => ({ prepare: [{ webhook: { url: `${pod.app.url}/admin/validate` } }] }),
    run: async (rig) => {
      rig.pod.app.onPrepare = ({ previous }) => ({ status: previous === null ? 200 : 500 });
      await killDuringChange('before wait-pending-retry')(rig);
    },
  },
  'steady/on-hold': {
    about: 'The app has refused the second generation, which stays: onFailure is hold.',
    bundle: () => ({ onFailure: 'hold' }),
    run: async (rig) => {
      refusesSecond(rig);
      await rollOutUntil(rig, 'rejected');
    },
  },
  'steady/direct-reverted': {
    about:
      'In direct mode the app refused the second generation; then the volume got the first one back.',
    bundle: direct,
    run: async (rig) => {
      refusesSecond(rig);
      await rollOutUntil(rig, 'rejected');
      await rig.pod.write(generation(1));
    },
  },
  'steady/meaning': {
    about: 'A comment was published, without a notification of the app.',
    bundle: byMeaning,
    run: async (rig) => {
      await runSteady(rig);
      await rig.pod.write(commented());
      rig.pod.start();
      await rig.pod.outcome('unchanged');
      await rig.pod.kill('SIGTERM');
    },
  },
  'steady/swap': {
    about: 'Stopped after the sidecar notified the app of a swap.',
    bundle: bySwap,
    run: async (rig) => rollOutUntil(rig, 'committed'),
  },
};

/** Rolls out the second generation until that outcome, and stops. */
async function rollOutUntil(rig: Rig, outcome: string): Promise<void> {
  const { pod } = rig;
  await runSteady(rig);
  const since = pod.lines.length;
  pod.start();
  await pod.outcome('unchanged', since);
  await pod.write(generation(2));
  await pod.outcome(outcome, since);
  await pod.kill('SIGTERM');
}
