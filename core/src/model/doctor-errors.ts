import { ofStep } from './error-table.ts';

/** The codes of `lastgood doctor`, in the order of docs/doctor.md, which is made of them. */
export const DOCTOR_ERRORS = ofStep('doctor', {
  LG_DOCTOR_ENV: [
    'the container %s reads %s as environment variables, which never change while it runs',
    'mount it as a volume, or let a change restart the app: a restart target of lastgood, or a hash in the name',
  ],
  LG_DOCTOR_ENV_AND_FILE: [
    'the container %s reads %s of %s both as a file, which changes, and as a variable, which does not',
    'read each key in one way only; for all of envFrom, move the files into another ConfigMap',
  ],
  LG_DOCTOR_MISSING: [
    'the pod needs the %s, which is not among the manifests: %s',
    'correct the name, the kind or the namespace, or add the object',
  ],
  LG_DOCTOR_OPTIONAL: [
    'the container starts without the optional %s, which is not among the manifests: %s',
    'correct the name or the kind, or add the object',
  ],
  LG_DOCTOR_ENCODED_TWICE: [
    'the key %s is encoded in base64 twice',
    'encode it once for data, and not at all for stringData',
  ],
  LG_DOCTOR_NOT_ENCODED: [
    'the key %s in data looks like plain text, and decodes to something else',
    'move it to stringData, or encode it in base64',
  ],
  LG_DOCTOR_UNREADABLE: [
    'the container %s runs as %s and cannot read the volume %s, whose files have the mode %s and belong to root',
    'set securityContext.fsGroup in the spec of the pod, or a wider defaultMode',
  ],
  LG_DOCTOR_DECIMAL_MODE: [
    'the mode %d is decimal, which is %s in octal',
    'write it with a leading zero in YAML',
  ],
  LG_DOCTOR_WATCHED_FILE: [
    'the container %s watches %s with inotifywait, which %s',
    'watch the directory of the mount with -e moved_to, or use lastgood inject, which takes the place of the script',
  ],
  LG_DOCTOR_SETTINGS: [
    'the container %s cannot start, since its settings are wrong: %s',
    'correct the settings',
  ],
  LG_DOCTOR_SIGNAL: [
    'the container %s signals a process of another container, but sees only its own processes',
    'set shareProcessNamespace: true in the spec of the pod',
  ],
  LG_DOCTOR_SIGNAL_USER: [
    'the container %s runs as user %d, and may not signal the app, which runs as user %d',
    'run both containers as the same user',
  ],
  LG_DOCTOR_RELOAD_PORT: [
    'the container %s calls %s, and the other containers of the pod do not declare the port %d',
    'correct the port, or declare it in ports of the app',
  ],
  LG_DOCTOR_RELOAD_SERVICE: [
    'the container %s calls %s, and the Service %s sends that to any one of the pods',
    'use localhost and the port of the container',
  ],
  LG_DOCTOR_LIVENESS: [
    'the liveness probe of the container %s fails after %s, and the bundle %s waits %s for the proof at the same endpoint',
    'raise failureThreshold, or probe an endpoint that shows only whether the process works',
  ],
  LG_DOCTOR_RESTART_POLICY: [
    'the bundle %s has a restart target, and restartPolicy: %s does not start the app again',
    'use restartPolicy: Always, or another target',
  ],
  LG_DOCTOR_BACK_OFF: [
    'the bundle %s restarts the app, and waits %s for it; the kubelet waits up to %s before it starts a container again',
    'leave maxAbsence out (30m), or use a target that does not end the app',
  ],
  LG_DOCTOR_TOKEN: [
    'the volume %s has a token that the kubelet renews, and the container %s takes each for a change',
    'mount the token as another volume',
  ],
  LG_DOCTOR_TWO_MECHANISMS: [
    '%s and %s both act on a change',
    'keep one of them: with lastgood, remove what makes new pods',
  ],
  LG_DOCTOR_SECRET: [
    '%s has a secret as plain text',
    'move it to a Secret, and mount that as a volume',
  ],
  LG_DOCTOR_ROLE: [
    'the %s lets the pods of %s %s, which no configuration in a volume needs',
    'remove the rule, or bind it to the account of the program that needs it',
  ],
  LG_DOCTOR_LIMITS: [
    'the container %s has a limit of %s of %s, and lastgood was measured with %s',
    'raise the limit',
  ],
  LG_DOCTOR_GIT_REPO: [
    'the volume %s is a gitRepo, which never updates',
    'use a sidecar such as git-sync with an emptyDir, or a ConfigMap',
  ],
  LG_DOCTOR_FILE_KEY_REF: [
    'fileKeyRef: %s',
    'name an emptyDir, the relative path of a file in it, and the key',
  ],
  LG_DOCTOR_KUBERNETES: [
    '%s: Kubernetes %s does not have it on by default (%s)',
    'run a newer cluster, switch on the feature gate, or leave it out',
  ],
  LG_DOCTOR_LATEST: [
    'the container %s runs the image %s, whose tag may mean another image tomorrow',
    'name the version, or better the digest: image@sha256:...',
  ],
  LG_DOCTOR_IGNORE: [
    'the ignore of %s %s',
    'write it as # doctor-ignore CODE: REASON on the line or above it, or as the annotation doctor.lastgood.dev/CODE: REASON',
  ],
});

export type DoctorCode = keyof typeof DOCTOR_ERRORS;
