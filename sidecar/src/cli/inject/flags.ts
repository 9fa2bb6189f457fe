import { MODES } from './modes.ts';

export const DIFF = { help: 'Print what changes, and not the manifests' } as const;

export const INJECT_FLAGS = {
  mode: {
    value: 'MODE',
    help: `publish (checked files in place of the volume), signal (the same, and signals the
      app), sdk (its socket), or drop-in (as another reloader)`,
    choices: MODES,
    default: 'publish',
  },
  webhook: { value: 'URL', help: 'Request this URL after each change' },
  signal: {
    value: 'PROCESS[=SIGNAL]',
    help: 'Signal this process after each change (SIGHUP); with --mode signal',
  },
  settings: {
    value: 'FILE',
    help: `Settings to add to those of inject, such as checks: bundles have the names of volumes;
      schemas beside FILE are added to the ConfigMap`,
  },
  volume: {
    value: 'NAME',
    help: 'Watch only this volume; repeatable (default: those with a ConfigMap)',
    multiple: true,
  },
  workload: {
    value: 'NAME',
    help: 'Change only this workload; repeatable',
    multiple: true,
  },
  image: { value: 'IMAGE', help: 'Image of lastgood (default lastgood:VERSION)' },
  diff: DIFF,
} as const;
