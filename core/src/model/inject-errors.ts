import { ofStep } from './error-table.ts';

/** The codes of `lastgood inject` and `lastgood uninject`: message, then hint. */
export const INJECT_ERRORS = ofStep('settings', {
  LG_INJECT_NOTHING: [
    'there is no workload to inject lastgood into',
    'give it a manifest with a Deployment or anything else that makes pods; --workload may name another one',
  ],
  LG_INJECT_NO_VOLUME: [
    '%s mounts no volume that is configuration',
    'mount a ConfigMap as a directory, or name the volume of a Secret with --volume',
  ],
  LG_INJECT_SUB_PATH: [
    'the volume %s is mounted by subPath, which never updates',
    'mount the whole volume, and let the app read the file in its directory',
  ],
  LG_INJECT_MODE: [
    'lastgood cannot read the volume %s: its files have the mode %s',
    'set fsGroup in the securityContext of the pod, and the kubelet lets the group read them',
  ],
  LG_INJECT_WINDOWS: [
    '%s runs on Windows, and lastgood only on Linux',
    'name the other workloads with --workload',
  ],
  LG_INJECT_TAKEN: [
    '%s already has a %s named %s, which inject did not write',
    'rename or remove it',
  ],
  LG_INJECT_RELOADER: [
    'lastgood cannot take the place of the container %s: %s',
    'set --webhook or --signal to what it does, or use --mode drop-in',
  ],
  LG_INJECT_DROP_IN: [
    '%s has no reloader whose flags lastgood understands',
    'add --webhook with the URL to request after each change, or choose another --mode',
  ],
  LG_INJECT_SIGNAL: [
    'lastgood cannot signal the app: %s',
    'docs/targets.md, What the pod needs; or set --webhook, or name the process with --signal',
  ],
  LG_INJECT_SETTINGS: [
    'the settings of lastgood would be wrong: %s',
    'correct the flags, the file of --settings, the edited ConfigMap (lastgood doctor shows where), or the command line of the reloader',
  ],
  LG_INJECT_REQUESTS: [
    'the pod requests %s of %s, which is less than its containers with lastgood (%s)',
    'raise resources.requests of the pod, or the API server refuses it',
  ],
  LG_INJECT_LIMITS: [
    'the pod has a limit of %s of %s, which is less than that of lastgood (%s)',
    'raise resources.limits of the pod, which lastgood shares with the app',
  ],
  LG_INJECT_TEXT: [
    'lastgood cannot be written into %s without a change of anything else',
    'write it without an anchor, alias or merge key here, or as kustomize build prints it',
  ],
  LG_INJECT_UNDO: [
    'what lastgood inject wrote into %s has changed since',
    'take the manifest from before, or correct the parts that name lastgood',
  ],
});
