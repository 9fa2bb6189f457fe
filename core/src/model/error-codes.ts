import { DOCTOR_ERRORS } from './doctor-errors.ts';
import { ofStep } from './error-table.ts';
import { INJECT_ERRORS } from './inject-errors.ts';
import { SDK_ERRORS } from './sdk-errors.ts';
import { VALIDATE_ERRORS } from './validate-errors.ts';

/** All codes of findings, in the order of the pipeline: message, then hint. `docs/errors.md` explains each. */
export const ERRORS = {
  ...ofStep('settings', {
    LG_USAGE: ['%s', 'see lastgood --help'],
    LG_USAGE_MEMORY: [
      'this container has %d MiB of memory left, too little for a command beside the sidecar',
      'run the command in another container, in CI or on a laptop, or raise the memory limit',
    ],
    LG_USAGE_BUSY: [
      'another command runs in this container',
      'try again when it has ended, or run the command elsewhere',
    ],
    LG_INPUT_UNREADABLE: [
      'cannot be read: %s',
      'check the path and its permissions; the --help of the command says what it reads',
    ],
    LG_OUTPUT_UNWRITABLE: [
      'cannot be written: %s',
      'make the directory writable, or name another one with --output',
    ],
    LG_SETTINGS_MISSING: [
      'cannot read the settings file %s: %s',
      'name it with --config or LASTGOOD_CONFIG; the default is /etc/lastgood/lastgood.yaml',
    ],
    LG_SETTINGS_SYNTAX: ['%s', 'correct the YAML here; the file must have exactly one document'],
    LG_SETTINGS_INVALID: [
      '%s',
      'lastgood settings-schema prints the JSON Schema of the settings for your editor',
    ],
    LG_SETTINGS_UNKNOWN_KEY: [
      'unknown key %s%s',
      'lastgood settings-schema prints every known key',
    ],
    LG_SETTINGS_UNSUPPORTED: [
      '"%s" is not supported by this version',
      'leave the key out, or run a version of lastgood that has it',
    ],
    LG_SETTINGS_SCHEMA: [
      '%s cannot be used: %s',
      'it must be a file with JSON Schema 2020-12 or draft-07, or a module that exports a Standard Schema',
    ],
    LG_SETTINGS_SCHEMA_DOUBT: ['%s', 'the schema can be used, but probably does not mean this'],
    LG_SETTINGS_UNMATCHED: [
      'no file matches %s, so this check checks nothing',
      'correct the glob in validate; its paths are those inside the bundle, such as db/password',
    ],
    LG_SETTINGS_RULE: [
      'the rule cannot be used: %s',
      'rules are CEL expressions; docs/rules.md explains them',
    ],
    LG_SETTINGS_LIMITS: [
      'the %s is below the %s that lastgood was measured with',
      'raise resources.limits of the container; with less, it may be slow to start or not start at all',
    ],
    LG_SETTINGS_WEB_CONFIG: [
      'webConfigFile cannot be used: %s',
      'it has tls_server_config, http_server_config and basic_auth_users; docs/drop-in.md lists their keys',
    ],
  }),
  ...INJECT_ERRORS,
  ...ofStep('source', {
    LG_SOURCE_WATCH: [
      'watching %s failed: %s',
      'lastgood polls meanwhile and misses no change; for ENOSPC or EMFILE raise fs.inotify.max_user_watches or fs.inotify.max_user_instances on the node',
    ],
    LG_SOURCE_NEVER_CHANGES: [
      '%s %s',
      'mount the whole volume instead, and set path to its directory or to the file in it',
    ],
    LG_SOURCE_NESTED_MOUNT: [
      '%s is a mount inside the volume %s, and lastgood does not read it',
      'add it to volumes, with its place in the snapshot as `at`',
    ],
  }),
  ...ofStep('capture', {
    LG_CAPTURE_MISSING: [
      'the volume %s does not exist',
      'mount it into this container, or correct volumes[].path; without --once lastgood waits for it',
    ],
    LG_CAPTURE_NOT_A_DIRECTORY: [
      'the volume %s is neither a directory nor a file',
      'name a directory or a regular file, not a FIFO, socket or device',
    ],
    LG_CAPTURE_EMPTY: [
      'the volumes of this bundle have no files',
      'an optional ConfigMap or Secret that does not exist gives an empty volume',
    ],
    LG_CAPTURE_EMPTY_VOLUME: [
      '%s has no files',
      'an optional ConfigMap or Secret that does not exist gives an empty volume: correct its name or create it, unless it may be missing',
    ],
    LG_CAPTURE_UNREADABLE: [
      'cannot be read: %s',
      "the volume's defaultMode or fsGroup must let the user of this container read it",
    ],
    LG_CAPTURE_KIND: [
      'is a %s, not a regular file',
      'only regular files and directories can be captured',
    ],
    LG_CAPTURE_OUTSIDE: [
      'is a link whose target is missing or outside the volume',
      'a link must point to a file in the same volume',
    ],
    LG_CAPTURE_TOO_LARGE: [
      'the snapshot is larger than maxSize, %s',
      'raise maxSize, or leave files out with exclude; etcd stores at most 1 MiB per object',
    ],
    LG_CAPTURE_TOO_MANY: [
      'the snapshot has more than %d files or directories',
      'leave files out with exclude, or split the bundle',
    ],
    LG_CAPTURE_TOO_DEEP: [
      'directories are nested deeper than %d',
      'leave the directory out with exclude',
    ],
    LG_CAPTURE_COLLISION: [
      'is in two volumes of this bundle',
      'give one of the volumes its own directory with at:',
    ],
    LG_CAPTURE_EXPAND: [
      'cannot be expanded: %s',
      'expand names this file; it must be in the volume, and complete if it is gzip',
    ],
    LG_CAPTURE_UNSET: [
      'uses environment variables that are not set: %s',
      'they are not expanded; set them in the env of this container, or remove them from the file',
    ],
    LG_CAPTURE_UNSTABLE: [
      'the volume kept changing while it was read, %d times in a row',
      'set settle so that lastgood waits until the writer is done',
    ],
    LG_CAPTURE_TIMEOUT: [
      'reading the volume took longer than %s',
      'the file system under the volume hangs; lastgood tries again when the read returns',
    ],
    LG_CAPTURE_STARVED: [
      'lastgood got too little CPU time or memory to read the volume in time: %s',
      'raise resources.limits of the container; lastgood tries again',
    ],
    LG_CAPTURE_STOPPED: [
      'lastgood was stopped before it had checked a version of the bundle %s',
      'the events of the pod say what stopped it; if it was the startup probe, raise failureThreshold or the CPU limit',
    ],
  }),
  ...VALIDATE_ERRORS,
  ...ofStep('prepare', {
    LG_PREPARE_REFUSED: [
      '%s refused the dry run: %s',
      'the app refused the configuration in a dry run; its own log may say more',
    ],
    LG_PREPARE_FAULT: [
      '%s failed in the dry run: %s',
      'the connection to the app or its dry run is broken; lastgood tries the version again',
    ],
    LG_PREPARE_REJECTED: [
      '%s refused the version: %s',
      'a check in the app refused it before anything changed; correct the content, or the app',
    ],
    LG_PREPARE_UNANSWERED: [
      '%s gave no answer: %s',
      'the process hangs or has ended; lastgood tries the version again. unanswered: ignore leaves such processes out',
    ],
  }),
  ...ofStep('publish', {
    LG_PUBLISH_FAILED: [
      'writing to the published directory %s failed: %s',
      'it must be a directory that this container can write to, with room for the snapshot',
    ],
    LG_PUBLISH_FILE: [
      'writing the file %s failed: %s',
      'expand.to must be in a directory that this container can write to, with room for the file',
    ],
    LG_PUBLISH_FILE_PLACE: [
      'cannot write a file at %s: %s',
      'mount the directory of expand.to, here and in the app, instead of the file by subPath',
    ],
  }),
  ...ofStep('deliver', {
    LG_DELIVER_REFUSED: [
      '%s refused: %s',
      'the app read the new configuration and refused it; its own log may say more',
    ],
    LG_DELIVER_FAULT: [
      '%s failed: %s',
      'the connection to the app or its reload handler is broken; lastgood tries again',
    ],
    LG_DELIVER_ABSENT: [
      '%s is absent: %s',
      'lastgood keeps trying; the app reads its configuration when it starts',
    ],
    LG_DELIVER_UNANSWERED: [
      '%s did not switch: %s',
      'the process hangs or has ended; lastgood tries again. unanswered: ignore leaves such processes out',
    ],
    LG_DELIVER_CRASHED: [
      'the app crashed %d times on this version: it ended the connection and was gone, or did not start',
      'read the log that the app wrote before it ended; lastgood tries the version again when its content changes',
    ],
    LG_DELIVER_NEEDS_RESTART: [
      '%s needs a restart: %s',
      'restart the app, for example with kubectl rollout restart; a restart target in the settings does it by itself',
    ],
    LG_DELIVER_NO_SHARED_NAMESPACE: [
      '%s is not visible: only the processes of this container are',
      'set shareProcessNamespace: true in the spec of the pod',
    ],
    LG_DELIVER_AMBIGUOUS: [
      '%s matches several processes: %s',
      'no process was notified; add commandLine, pidFile or uid to select one, or all: true to select all',
    ],
    LG_DELIVER_SIGNAL_UNCAUGHT: [
      '%s was not sent: %s',
      'name the signal that the app reloads on and the process that catches it; an app that is still starting is tried again',
    ],
    LG_DELIVER_SIGNAL_UNKNOWN: [
      '%s was not sent: the system does not show whether %s catches it',
      'if the app is known to catch the signal, set sendUnchecked: true on the target; sandboxes such as gVisor do not show it',
    ],
    LG_DELIVER_NOT_PERMITTED: [
      '%s is not permitted: user %d may not signal %s',
      'run this container as the user of the app (runAsUser), or as root with the capability KILL',
    ],
    LG_DELIVER_STILL_RUNNING: [
      '%s: %s has not ended within %s',
      'let the app end on SIGTERM, or give it more grace; kill: true ends it with SIGKILL',
    ],
  }),
  ...ofStep('confirm', {
    LG_CONFIRM_UNKNOWN: [
      'the last good version has no certificate in %s, so lastgood cannot tell whether the app serves it',
      'it became active before confirm.tls named this file; the next version that is committed ends this',
    ],
    LG_CONFIRM_WAITING: [
      'not proven yet: %s; %s',
      'not decided yet; check the app in the same way as confirm, and its own log',
    ],
    LG_CONFIRM_CHAIN: [
      '%s does not send every intermediate certificate in %s: clients without a copy cannot verify its certificate',
      'let the server send the whole file, and not only its first certificate',
    ],
    LG_CONFIRM_FAILED: [
      'no proof%s that the app runs on it: %s',
      'check the app in the same way as confirm, and its own log; if it is only slow, raise confirm.within',
    ],
  }),
  ...ofStep('commit', {
    LG_COMMIT_STATE: [
      'the state in %s cannot be written or read: %s',
      'stateDir must be a directory that this container can write to, such as an emptyDir; stateDir: none keeps no state',
    ],
    LG_INTERNAL: [
      'unexpected: %s',
      'this is a bug in lastgood; please report it with the log around this line',
    ],
  }),
  ...ofStep('serve', {
    LG_SERVE_LISTEN: [
      'cannot listen on %s: %s',
      'another process uses the address, or this pod does not have it; change listen in the settings',
    ],
    LG_SERVE_SOCKET: [
      'cannot serve the SDK at %s: %s',
      'runDir must be a directory that this container can write to, and that the container of the app mounts too',
    ],
  }),
  ...SDK_ERRORS,
  ...DOCTOR_ERRORS,
};

/** Names a kind of error or issue: `LG_VALIDATE_SCHEMA`. docs/errors.md explains each. */
export type ErrorCode = keyof typeof ERRORS;
