import { ofStep } from './error-table.ts';

/** The codes of `lastgood doctor`, in the order of docs/doctor.md, which is made of them. */
export const DOCTOR_ERRORS = ofStep('doctor', {
  LG_DOCTOR_ENV: [
    'the container %s reads %s as environment variables, which never change while it runs',
    'mount it as a volume, or restart the app on a change with a restart target',
  ],
  LG_DOCTOR_ENV_AND_FILE: [
    'the container %s reads %s of %s both as a file, which changes, and as a variable, which does not',
    'read each key in one way only; for all of envFrom, move the files into another ConfigMap',
  ],
  LG_DOCTOR_UNREADABLE: [
    'the container %s runs as %s and cannot read the volume %s, whose files have the mode %s and belong to root',
    'set securityContext.fsGroup in the spec of the pod, or a wider defaultMode',
  ],
  LG_DOCTOR_DECIMAL_MODE: [
    'the mode %d is decimal, which is %s in octal',
    'write it with a leading zero in YAML',
  ],
  LG_DOCTOR_TWO_MECHANISMS: [
    '%s and %s both act on a change',
    'keep one of them: with lastgood, remove what makes new pods',
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
