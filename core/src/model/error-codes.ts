import type { Step } from './steps.ts';

export interface ErrorEntry {
  /** The step that reports it; `settings` and `serve` are not steps of the pipeline. */
  readonly step: Step | 'settings' | 'serve';
  /** Format string for `node:util`, used by `findingOf` and `LastgoodError`. */
  readonly message: string;
  /** What the reader can do. */
  readonly hint: string;
}

/** All codes of findings, in the order of the pipeline. `docs/errors.md` explains each. */
export const ERRORS = {
  LG_USAGE: {
    step: 'settings',
    message: '%s',
    hint: 'see lastgood --help',
  },
  LG_INPUT_UNREADABLE: {
    step: 'settings',
    message: 'cannot be read: %s',
    hint: 'name a file, a directory, or - for standard input',
  },
  LG_SETTINGS_MISSING: {
    step: 'settings',
    message: 'cannot read the settings file %s: %s',
    hint: 'name it with --config or LASTGOOD_CONFIG; the default is /etc/lastgood/lastgood.yaml',
  },
  LG_SETTINGS_SYNTAX: {
    step: 'settings',
    message: '%s',
    hint: 'correct the YAML here; the file must have exactly one document',
  },
  LG_SETTINGS_INVALID: {
    step: 'settings',
    message: '%s',
    hint: 'lastgood settings-schema prints the JSON Schema of the settings for your editor',
  },
  LG_SETTINGS_UNKNOWN_KEY: {
    step: 'settings',
    message: 'unknown key %s%s',
    hint: 'lastgood settings-schema prints every known key',
  },
  LG_SETTINGS_UNSUPPORTED: {
    step: 'settings',
    message: '"%s" is not supported by this version',
    hint: 'leave the key out, or run a version of lastgood that has it',
  },
  LG_SETTINGS_SCHEMA: {
    step: 'settings',
    message: '%s cannot be used: %s',
    hint: 'it must be a file with JSON Schema 2020-12 or draft-07, or a module that exports a Standard Schema; relative paths start at the settings file',
  },
  LG_SETTINGS_SCHEMA_DOUBT: {
    step: 'settings',
    message: '%s',
    hint: 'the schema can be used, but probably does not mean this',
  },
  LG_SETTINGS_RULE: {
    step: 'settings',
    message: 'the rule cannot be used: %s',
    hint: 'rules are CEL expressions; docs/rules.md explains them',
  },
  LG_SETTINGS_WEB_CONFIG: {
    step: 'settings',
    message: 'webConfigFile cannot be used: %s',
    hint: 'it has tls_server_config, http_server_config and basic_auth_users; docs/drop-in.md lists their keys',
  },
  LG_SOURCE_WATCH: {
    step: 'source',
    message: 'watching %s failed: %s',
    hint: 'lastgood polls meanwhile and misses no change; for ENOSPC or EMFILE raise fs.inotify.max_user_watches or fs.inotify.max_user_instances on the node',
  },
  LG_SOURCE_NEVER_CHANGES: {
    step: 'source',
    message: '%s %s',
    hint: 'mount the whole volume instead, and set path to its directory or to the file in it',
  },
  LG_CAPTURE_MISSING: {
    step: 'capture',
    message: 'the volume %s does not exist',
    hint: 'mount it into this container, or correct volumes[].path; without --once lastgood waits for it',
  },
  LG_CAPTURE_NOT_A_DIRECTORY: {
    step: 'capture',
    message: 'the volume %s is neither a directory nor a file',
    hint: 'name a directory or a regular file, not a FIFO, socket or device',
  },
  LG_CAPTURE_EMPTY: {
    step: 'capture',
    message: 'the volumes of this bundle have no files',
    hint: 'an optional ConfigMap or Secret that does not exist gives an empty volume',
  },
  LG_CAPTURE_UNREADABLE: {
    step: 'capture',
    message: 'cannot be read: %s',
    hint: "the volume's defaultMode or fsGroup must let the user of this container read it",
  },
  LG_CAPTURE_KIND: {
    step: 'capture',
    message: 'is a %s, not a regular file',
    hint: 'only regular files and directories can be captured',
  },
  LG_CAPTURE_OUTSIDE: {
    step: 'capture',
    message: 'is a link whose target is missing or outside the volume',
    hint: 'a link must point to a file in the same volume',
  },
  LG_CAPTURE_TOO_LARGE: {
    step: 'capture',
    message: 'the snapshot is larger than maxSize, %s',
    hint: 'raise maxSize, or leave files out with exclude; etcd stores at most 1 MiB per object',
  },
  LG_CAPTURE_TOO_MANY: {
    step: 'capture',
    message: 'the snapshot has more than %d files or directories',
    hint: 'leave files out with exclude, or split the bundle',
  },
  LG_CAPTURE_TOO_DEEP: {
    step: 'capture',
    message: 'directories are nested deeper than %d',
    hint: 'leave the directory out with exclude',
  },
  LG_CAPTURE_COLLISION: {
    step: 'capture',
    message: 'is in two volumes of this bundle',
    hint: 'give one of the volumes its own directory with at:',
  },
  LG_CAPTURE_EXPAND: {
    step: 'capture',
    message: 'cannot be expanded: %s',
    hint: 'expand names this file; it must be in the volume, and complete if it is gzip',
  },
  LG_CAPTURE_UNSET: {
    step: 'capture',
    message: 'uses environment variables that are not set: %s',
    hint: 'they are not expanded; set them in the env of this container, or remove them from the file',
  },
  LG_CAPTURE_UNSTABLE: {
    step: 'capture',
    message: 'the volume kept changing while it was read, %d times in a row',
    hint: 'set settle so that lastgood waits until the writer is done',
  },
  LG_CAPTURE_TIMEOUT: {
    step: 'capture',
    message: 'reading the volume took longer than %s',
    hint: 'the file system under the volume hangs; lastgood tries again when the read returns',
  },
  LG_VALIDATE_MISSING: {
    step: 'validate',
    message: 'is not in the snapshot',
    hint: 'validate names this file; restore its key, or remove the check',
  },
  LG_VALIDATE_EMPTY: {
    step: 'validate',
    message: 'has no %s value',
    hint: 'an empty file is not a configuration; was the key blanked by mistake?',
  },
  LG_VALIDATE_ENCODING: {
    step: 'validate',
    message: 'is not valid UTF-8',
    hint: 'save it as UTF-8; with format: binary in a check, the file is not read',
  },
  LG_VALIDATE_BOM: {
    step: 'validate',
    message: 'starts with a byte order mark',
    hint: 'save it as UTF-8 without BOM; many parsers read the mark as part of the first key',
  },
  LG_VALIDATE_SYNTAX: {
    step: 'validate',
    message: '%s',
    hint: 'correct the syntax here',
  },
  LG_VALIDATE_DUPLICATE_KEY: {
    step: 'validate',
    message: 'duplicate key',
    hint: 'one of the two values would be lost silently; remove one',
  },
  LG_VALIDATE_RESERVED_KEY: {
    step: 'validate',
    message: 'the key __proto__ is not allowed',
    hint: 'it would change how the loaded object behaves; rename the key',
  },
  LG_VALIDATE_ALIASES: {
    step: 'validate',
    message: 'aliases %s',
    hint: 'write the repeated parts out, or nest fewer aliases',
  },
  LG_VALIDATE_TOO_DEEP: {
    step: 'validate',
    message: 'values are nested deeper than %d',
    hint: 'flatten the structure',
  },
  LG_VALIDATE_TOO_HEAVY: {
    step: 'validate',
    message: 'takes more than %s to check',
    hint: 'split the file, give this container more memory, or fix a slow pattern in its schema',
  },
  LG_VALIDATE_SCHEMA: {
    step: 'validate',
    message: '%s',
    hint: 'correct the value, or the schema if it is too strict',
  },
  LG_VALIDATE_SCHEMA_FAULT: {
    step: 'validate',
    message: '%s',
    hint: 'the schema for this file is broken, so nothing is known about the value',
  },
  LG_VALIDATE_RULE: {
    step: 'validate',
    message: '%s',
    hint: 'correct the content, or the rule; a field that may be missing needs has()',
  },
  LG_VALIDATE_SHAPE: {
    step: 'validate',
    message: '%s',
    hint: 'the last good version has another structure here; shape: off disables this check',
  },
  LG_VALIDATE_SECRET: {
    step: 'validate',
    message: '%s',
    hint: 'the value looks like a mistake; traps: off disables this check',
  },
  LG_VALIDATE_CERTIFICATE: {
    step: 'validate',
    message: '%s',
    hint: 'update the certificate, its key and its chain together',
  },
  LG_VALIDATE_EXEC: {
    step: 'validate',
    message: '%s',
    hint: 'run the command by hand on these files to see more; it must exit with code 0',
  },
  LG_VALIDATE_EXEC_FAULT: {
    step: 'validate',
    message: '%s',
    hint: 'the command gave no answer, so nothing is known about the files; it runs again later',
  },
  LG_VALIDATE_NOT_YET: {
    step: 'validate',
    message: '%s',
    hint: 'it becomes valid later, or the clock of this node is slow; lastgood checks it again later',
  },
  LG_VALIDATE_TOO_MANY: {
    step: 'validate',
    message: '%d more findings are not shown',
    hint: 'correct the ones shown first',
  },
  LG_MANIFEST_VALUE: {
    step: 'validate',
    message: '%s must be text (is %s)',
    hint: 'put the value in quotes; the API server accepts only text here',
  },
  LG_MANIFEST_BASE64: {
    step: 'validate',
    message: '%s is not valid base64',
    hint: 'encode it, or write it as plain text: stringData of a Secret, data of a ConfigMap',
  },
  LG_MANIFEST_SIZE: {
    step: 'validate',
    message: 'has %d bytes of data, and the API server accepts at most %d (%d %% are used)',
    hint: 'split it, or provide large files in another way: an image, a PersistentVolume',
  },
  LG_MANIFEST_IMMUTABLE: {
    step: 'validate',
    message: 'is immutable, so pods never see a change',
    hint: 'remove immutable, or move the pods to a new name for each change',
  },
  LG_MANIFEST_KEY: {
    step: 'validate',
    message: '%s has no key %s%s',
    hint: 'the pod would wait forever for this volume; correct items, or add the key',
  },
  LG_MANIFEST_SUB_PATH: {
    step: 'validate',
    message: 'mounts %s by subPath, which never updates',
    hint: 'mount the whole volume, and let the app read the file in its directory',
  },
  LG_PREPARE_REFUSED: {
    step: 'prepare',
    message: '%s refused the dry run: %s',
    hint: 'the app refused the configuration in a dry run; its own log may say more',
  },
  LG_PREPARE_FAULT: {
    step: 'prepare',
    message: '%s failed in the dry run: %s',
    hint: 'the connection to the app or its dry run is broken; lastgood tries the version again',
  },
  LG_PUBLISH_FAILED: {
    step: 'publish',
    message: 'writing to the published directory %s failed: %s',
    hint: 'it must be a directory that this container can write to, with room for the snapshot',
  },
  LG_PUBLISH_FILE: {
    step: 'publish',
    message: 'writing the file %s failed: %s',
    hint: 'expand.to must be in a directory that this container can write to, with room for the file',
  },
  LG_PUBLISH_FILE_PLACE: {
    step: 'publish',
    message: 'cannot write a file at %s: %s',
    hint: 'mount the directory of expand.to, here and in the app, instead of the file by subPath',
  },
  LG_DELIVER_REFUSED: {
    step: 'deliver',
    message: '%s refused: %s',
    hint: 'the app read the new configuration and refused it; its own log may say more',
  },
  LG_DELIVER_FAULT: {
    step: 'deliver',
    message: '%s failed: %s',
    hint: 'the connection to the app or its reload handler is broken; lastgood tries again',
  },
  LG_DELIVER_ABSENT: {
    step: 'deliver',
    message: '%s is absent: %s',
    hint: 'lastgood keeps trying; the app reads its configuration when it starts',
  },
  LG_DELIVER_NO_SHARED_NAMESPACE: {
    step: 'deliver',
    message: '%s is not visible: only the processes of this container are',
    hint: 'set shareProcessNamespace: true in the spec of the pod',
  },
  LG_DELIVER_AMBIGUOUS: {
    step: 'deliver',
    message: '%s matches several processes: %s',
    hint: 'no process was notified; add commandLine, pidFile or uid to select one, or all: true to select all',
  },
  LG_DELIVER_SIGNAL_UNCAUGHT: {
    step: 'deliver',
    message: '%s was not sent: %s',
    hint: 'name the signal that the app reloads on and the process that catches it; an app that is still starting is tried again',
  },
  LG_DELIVER_NOT_PERMITTED: {
    step: 'deliver',
    message: '%s is not permitted: user %d may not signal %s',
    hint: 'run this container as the user of the app (runAsUser), or as root with the capability KILL',
  },
  LG_DELIVER_STILL_RUNNING: {
    step: 'deliver',
    message: '%s: %s has not ended within %s',
    hint: 'let the app end on SIGTERM, or give it more grace; kill: true ends it with SIGKILL',
  },
  LG_CONFIRM_WAITING: {
    step: 'confirm',
    message: 'not proven yet: %s; %s',
    hint: 'not decided yet; check the app in the same way as confirm, and its own log',
  },
  LG_CONFIRM_FAILED: {
    step: 'confirm',
    message: 'no proof%s that the app runs on it: %s',
    hint: 'check the app in the same way as confirm, and its own log; if it is only slow, raise confirm.within',
  },
  LG_COMMIT_STATE: {
    step: 'commit',
    message: 'the state in %s cannot be written or read: %s',
    hint: 'stateDir must be a directory that this container can write to, such as an emptyDir; stateDir: none keeps no state',
  },
  LG_INTERNAL: {
    step: 'commit',
    message: 'unexpected: %s',
    hint: 'this is a bug in lastgood; please report it with the log around this line',
  },
  LG_SERVE_LISTEN: {
    step: 'serve',
    message: 'cannot listen on %s: %s',
    hint: 'another process uses the address, or this pod does not have it; change listen in the settings',
  },
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof ERRORS;
