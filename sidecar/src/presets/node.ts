import * as parts from './parts.ts';
import { definePreset } from './preset.ts';

export const node = definePreset({
  about: 'Sends SIGHUP to a Node.js app that then reads its configuration again.',
  needs: [
    parts.SHARED_PROCESSES,
    '`process.on("SIGHUP", …)` in the app: without it the signal would end the app, so lastgood does not send it.',
  ],
  parameters: { ...parts.process('node'), ...parts.appHealth },
  check: ['node', '--check', '{dir}/config.js'],
  timing: { within: '30s', hold: '5s' },
  bundleKeys: (parameters) => parts.hangUpApp(parameters),
  rollback: 'lastgood restores the last good files, and signals the app again.',
  limits: [
    'A signal has no reply: an app that keeps its old configuration should report it at `health`, by another status or by the version that it runs on.',
  ],
  sources: ['Node.js documentation, process: Signal events'],
});
