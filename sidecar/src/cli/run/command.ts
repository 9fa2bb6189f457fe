import { defineCommand } from '../command.ts';

/** The settings file if neither `--config` nor `LASTGOOD_CONFIG` names one. */
export const DEFAULT_CONFIG = '/etc/lastgood/lastgood.yaml';

/** `lastgood` without the name of a command: the sidecar itself. */
export const run = defineCommand({
  name: 'run',
  summary: 'Run the sidecar',
  usage: [
    '[--config FILE] [--once]',
    'COMMAND [ARGUMENT...] [flags]',
    '--volume-dir DIR --webhook-url URL  (as configmap-reload)',
    '--config-file FILE ...     (as prometheus-config-reloader)',
  ],
  description: `Watch the configuration volumes of a pod. Validate each change, publish it and
    notify the app. Roll back to the last good version if the app does not confirm the new one.`,
  flags: {
    config: {
      value: 'FILE',
      help: `Settings file (default $LASTGOOD_CONFIG or ${DEFAULT_CONFIG})`,
      env: 'LASTGOOD_CONFIG',
      default: DEFAULT_CONFIG,
    },
    once: { help: 'Capture, validate, publish and exit: for an init container' },
  },
  exitCodes: {
    0: 'Success',
    1: 'A failure, or invalid configuration',
    2: 'Wrong usage or wrong settings',
  },
  examples: ['lastgood --config ./lastgood.yaml --once'],
  run: async ({ flags }) => {
    const [{ load }, { runSidecar }] = await Promise.all([
      import('../../settings/load.ts'),
      import('./run-sidecar.ts'),
    ]);
    return runSidecar(await load(flags.config), flags.once);
  },
});
