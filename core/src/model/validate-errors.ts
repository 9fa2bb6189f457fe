import { ofStep } from './error-table.ts';

/** The codes of the checks, and of `lastgood validate` for manifests. */
export const VALIDATE_ERRORS = ofStep('validate', {
  LG_VALIDATE_MISSING: [
    'is not in the snapshot',
    'validate names this file; restore its key, or remove the check',
  ],
  LG_VALIDATE_EMPTY: [
    'has no %s value',
    'an empty file is not a configuration; was the key blanked by mistake?',
  ],
  LG_VALIDATE_ENCODING: [
    '%s',
    'save it as UTF-8; with format: binary in a check, the file is not read',
  ],
  LG_VALIDATE_BOM: [
    'starts with a byte order mark',
    'save it as UTF-8 without BOM; many parsers read the mark as part of the first key',
  ],
  LG_VALIDATE_SYNTAX: ['%s', 'correct the syntax here'],
  LG_VALIDATE_DIALECT: [
    '%s',
    'some programs refuse this or read it differently; in a files check, strict: true makes it an error, and format: text ends the warning',
  ],
  LG_VALIDATE_TAG: [
    'unknown tag',
    'only the app knows what the value becomes, so no check sees it; list the tag in tags of a files check',
  ],
  LG_VALIDATE_DUPLICATE_KEY: [
    'duplicate key',
    'one of the two values would be lost silently; remove one',
  ],
  LG_VALIDATE_RESERVED_KEY: [
    'the key __proto__ is not allowed',
    'it would change how the loaded object behaves; rename the key',
  ],
  LG_VALIDATE_ALIASES: ['aliases %s', 'write the repeated parts out, or nest fewer aliases'],
  LG_VALIDATE_TOO_DEEP: ['values are nested deeper than %d', 'flatten the structure'],
  LG_VALIDATE_TOO_HEAVY: [
    'takes more than %s to check',
    'split the file, give this container more memory, or fix a slow pattern in its schema',
  ],
  LG_VALIDATE_SCHEMA: ['%s', 'correct the value, or the schema if it is too strict'],
  LG_VALIDATE_SCHEMA_FAULT: [
    '%s',
    'the schema for this file is broken, so nothing is known about the value',
  ],
  LG_VALIDATE_RULE: [
    '%s',
    'correct the content, or the rule; a field that may be missing needs has()',
  ],
  LG_VALIDATE_SHAPE: [
    '%s',
    'the last good version has another structure here; shape: off disables this check',
  ],
  LG_VALIDATE_SECRET: ['%s', 'the value looks like a mistake; traps: off disables this check'],
  LG_VALIDATE_CERTIFICATE: ['%s', 'update the certificate, its key and its chain together'],
  LG_VALIDATE_EXEC: [
    '%s',
    'run the command by hand on these files to see more; it must exit with code 0',
  ],
  LG_VALIDATE_EXEC_FAULT: [
    '%s',
    'the command gave no answer, so nothing is known about the files; it runs again later',
  ],
  LG_VALIDATE_NOT_YET: [
    '%s',
    'it becomes valid later, or the clock of this node is slow; lastgood checks it again later',
  ],
  LG_VALIDATE_TOO_MANY: ['%d more findings are not shown', 'correct the ones shown first'],
  LG_MANIFEST_VALUE: [
    '%s must be text (is %s)',
    'put the value in quotes; the API server accepts only text here',
  ],
  LG_MANIFEST_FIELD: [
    '%s must be a mapping of keys to values (is %s)',
    'write it as key: value; the API server refuses the object',
  ],
  LG_MANIFEST_KEY_NAME: [
    'the API server refuses the key %s: it %s',
    'rename the key; items of a volume can give the file another path',
  ],
  LG_MANIFEST_KEY_BOOLEAN: [
    'kubectl reads this key as a boolean, so the object gets the key %s',
    'put the key in quotes; kubectl reads YAML 1.1, where y, n, yes, no, on and off are booleans',
  ],
  LG_MANIFEST_SECRET_TYPE: [
    'a Secret of the type %s needs the key %s',
    'add the key, or correct the type; the API server refuses the object',
  ],
  LG_MANIFEST_BASE64: [
    '%s is not valid base64',
    'encode it, or write it as plain text: stringData of a Secret, data of a ConfigMap',
  ],
  LG_MANIFEST_SIZE: [
    'has %d bytes of data, and the API server accepts at most %d (%d %% are used)',
    'split it, or provide large files in another way: an image, a PersistentVolume',
  ],
  LG_MANIFEST_IMMUTABLE: [
    'is immutable, so pods never see a change',
    'remove immutable, or move the pods to a new name for each change',
  ],
  LG_MANIFEST_KEY: [
    '%s has no key %s%s',
    'the pod would wait forever for this key; correct the reference, or add the key',
  ],
  LG_MANIFEST_SUB_PATH: [
    'mounts %s by subPath, which never updates',
    'mount the whole volume, and let the app read the file in its directory',
  ],
});
