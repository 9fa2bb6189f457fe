import { renameSync, writeFileSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { generation } from '../pipeline/configs.ts';
import {
  confirm,
  failsRollback,
  killAt,
  killDuringChange,
  killDuringRollback,
  refusesSecond,
  restartAndKillAt,
  type Scene,
  twoTargets,
  webhook,
} from './scenes.ts';
import { IDLE } from './scenes-idle.ts';

/** The rollback from the second generation to the first one. */
export const BACK: Readonly<Record<string, Scene>> = {
  'back_publishing/before': {
    about: 'The app refused the second generation; killed before the first one was put back.',
    run: killDuringRollback('before publish', 2),
  },
  'back_publishing/after': {
    about: 'Killed after the first generation was put back, and before that was noted.',
    run: killDuringRollback('after publish', 2),
  },
  'back_publishing/fault': {
    about:
      'The only attempt to tell the app was a fault; killed before the first one was put back.',
    bundle: ({ pod }) => ({ targets: [webhook(pod.app.url, 1)] }),
    run: async (rig) => {
      rig.answer = () => ({ status: 500 });
      await killDuringChange('before publish', 2)(rig);
    },
  },
  'back_publishing/interrupted': {
    about:
      'A rollout was cut off, and its content is gone; killed before the first generation was ' +
      'put back in place of the second.',
    run: async (rig) => {
      await IDLE['starting/interrupted-then-broken']?.run(rig);
      await restartAndKillAt(rig, 'before publish');
    },
  },
  'back_delivering/before': {
    about: 'Killed before the sidecar notified the app that the first generation is back.',
    run: killDuringRollback('before deliver', 2),
  },
  'back_delivering/after': {
    about: 'The app has taken the first generation back; killed before that was noted.',
    run: killDuringRollback('after deliver', 2),
  },
  'back_delivering/second-target': {
    about:
      'The second app refused the second generation, and the first app got the notification to go back.',
    bundle: twoTargets,
    run: async (rig) => {
      rig.answer = ({ app, generation }) => ({
        status: app === 'second' && generation === 2 ? 422 : 200,
      });
      await killDuringChange('before deliver', 4)(rig);
    },
  },
  'back_delivering/unproven': {
    about:
      'The second generation was not proven in time; killed before the sidecar notified the app to go back.',
    run: async (rig) => {
      const { app } = rig.pod;
      app.onHealth = () => (rig.generation === 2 ? 503 : 200);
      await rig.configure({ confirm: confirm(app.url, '100ms') });
      await killDuringChange('before deliver', 2)(rig);
      await rig.configure({ confirm: confirm(app.url) });
    },
  },
  'back_confirming/before': {
    about: 'Killed after the app took the first generation back, before the proof of that.',
    run: killDuringRollback('before confirm'),
  },
  'back_retrying/publish': {
    about: 'The first generation could not be put back since a file was in the way.',
    run: async (rig) => {
      const { live } = rig.pod;
      rig.answer = () => {
        renameSync(live, `${live}-aside`);
        writeFileSync(live, '');
        return { status: 422, body: 'no such checkpoint' };
      };
      await killDuringChange('before wait')(rig);
      await rm(live);
      await rename(`${live}-aside`, live);
    },
  },
  'back_retrying/deliver': {
    about: 'The app answered with a fault when the sidecar notified it to go back.',
    run: async (rig) => {
      failsRollback(rig);
      await killDuringChange('before wait')(rig);
    },
  },
  'back_retrying/unproven': {
    about:
      'The app got another notification of the first generation, which was not proven in time.',
    run: async (rig) => {
      const { app } = rig.pod;
      refusesSecond(rig);
      await rig.configure({ confirm: confirm(app.url, '100ms') });
      await killAt(rig, 'before wait', async () => {
        app.onHealth = () => 503;
        await rig.pod.write(generation(2));
      });
      await rig.configure({ confirm: confirm(app.url) });
    },
  },
};
