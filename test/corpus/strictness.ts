import type { FormatName } from '@lastgood/core/formats/format.ts';
import type { ErrorCode } from '@lastgood/core/model/error-codes.ts';
import { READERS } from './readers.ts';

/** An error of lastgood though a reader accepts the file, on purpose. docs/validation.md has each. */
export interface Strictness {
  readonly formats: readonly FormatName[];
  readonly code: ErrorCode;
  /** Of the message; left out: any. */
  readonly message?: RegExp;
  /** The readers that accept it; left out: any. */
  readonly only?: readonly string[];
  /** Is in its row of docs/validation.md; left out if no short text has it. */
  readonly example?: string;
  readonly because: string;
}

const JSON_LIKE = ['json', 'jsonc', 'json5'] as const;

export const STRICTNESS: readonly Strictness[] = [
  {
    formats: ['yaml'],
    code: 'LG_VALIDATE_DUPLICATE_KEY',
    example: 'a: 1\\na: 2',
    because: 'readers lose a value silently, and not all the same one',
  },
  {
    formats: [...JSON_LIKE, 'dockerconfigjson'],
    code: 'LG_VALIDATE_DUPLICATE_KEY',
    example: '{"a": 1, "a": 2}',
    because: 'readers lose a value silently, and not all the same one',
  },
  {
    formats: ['yaml', ...JSON_LIKE, 'toml', 'ini', 'properties', 'env', 'pem'],
    code: 'LG_VALIDATE_EMPTY',
    example: '\\n',
    because: 'most often a key was emptied by mistake, or a template rendered nothing',
  },
  {
    formats: ['yaml', ...JSON_LIKE, 'toml', 'ini', 'properties', 'env'],
    code: 'LG_VALIDATE_RESERVED_KEY',
    example: '__proto__',
    because: 'in JavaScript the key changes how the loaded object behaves',
  },
  {
    formats: ['yaml', ...JSON_LIKE, 'toml'],
    code: 'LG_VALIDATE_TOO_DEEP',
    because: 'a check must end, and readers run out of stack',
  },
  {
    formats: ['yaml'],
    code: 'LG_VALIDATE_ALIASES',
    because: 'a check must end, and readers run out of memory',
  },
  {
    formats: ['yaml'],
    code: 'LG_VALIDATE_SYNTAX',
    message: /a key must not be a list or mapping$/,
    example: '? [a]\\n: 1',
    because: 'only js-yaml makes a text of such a key, and a template that was not rendered is one',
  },
  {
    formats: ['yaml'],
    code: 'LG_VALIDATE_SYNTAX',
    message: /^--- must be at the start/,
    example: '# a\\n\\t---\\nb: 1',
    because: 'only js-yaml begins a document there',
  },
  {
    formats: ['yaml'],
    code: 'LG_VALIDATE_SYNTAX',
    message: /^expected \.\.\. on a line before/,
    example: 'a: 1\\n%YAML 1.1\\n---\\nb: 1',
    because: 'only PyYAML ends the document before a directive',
  },
  {
    formats: ['yaml'],
    code: 'LG_VALIDATE_SYNTAX',
    message: /^(?:expected a key before the colon|a tag needs a name)/,
    example: 'a: 1\\n: b',
    because: 'only js-yaml 5 accepts a key that is not written, and most often it was lost',
  },
  {
    formats: ['yaml'],
    code: 'LG_VALIDATE_SYNTAX',
    message: /^a list or mapping must not begin on the line of its key/,
    example: 'a: &b : c',
    because: 'only js-yaml accepts such a mapping, whose key is missing',
  },
  {
    formats: ['yaml'],
    code: 'LG_VALIDATE_SYNTAX',
    only: [READERS.jsYaml4.name],
    example: 'a: "b\\n"c: 1',
    because: 'js-yaml 5 and every other reader refuse such mistakes',
  },
  {
    formats: ['yaml'],
    code: 'LG_VALIDATE_SYNTAX',
    message: /^text after the end of a value/,
    only: [READERS.jsYaml5.name],
    example: 'a:\\n- "b"c: 1',
    because: 'only js-yaml 5 accepts a key after a value on one line',
  },
  {
    formats: ['yaml'],
    code: 'LG_VALIDATE_SYNTAX',
    message: /^the merge key << needs/,
    example: '<<: !a [{b: 1}]',
    because: 'only the app knows what its tag makes of the list',
  },
  {
    formats: ['yaml'],
    code: 'LG_VALIDATE_SYNTAX',
    message: /unknown alias/,
    only: [READERS.goYaml.name],
    example: 'a: &b 1\\n---\\nc: *b',
    because: 'in YAML, an anchor ends with its document',
  },
  {
    formats: ['yaml'],
    code: 'LG_VALIDATE_SYNTAX',
    message: /tag \w+ cannot contain/,
    only: [READERS.goYaml.name, READERS.kubectl.name],
    example: 'a: !b[c]',
    because: 'Go takes the brackets for a part of the tag, and the value is lost',
  },
  {
    formats: ['yaml'],
    code: 'LG_VALIDATE_SYNTAX',
    only: [READERS.kubectl.name],
    example: '--- a:\n b',
    because: 'kubectl cuts a text at --- before it reads it, and no app does',
  },
  {
    formats: ['yaml'],
    code: 'LG_VALIDATE_ENCODING',
    message: /^is not valid UTF-8/,
    because: 'Node replaces the bytes, so the app gets another value',
  },
  {
    formats: ['ini'],
    code: 'LG_VALIDATE_SYNTAX',
    message: /^a section is not closed with \]/,
    example: '[a',
    because: 'inside a section, configparser reads a key, but no one writes one',
  },
  {
    formats: ['ini', 'env'],
    code: 'LG_VALIDATE_SYNTAX',
    message: /perhaps a template/,
    example: '[a]\\n{{ end }}',
    because: 'a template that was not rendered',
  },
  {
    formats: ['env'],
    code: 'LG_VALIDATE_SYNTAX',
    message: /^expected NAME=value/,
    only: [READERS.godotenv.name],
    example: 'A="b\\nc d"e',
    because:
      'godotenv takes text after the quote at the end of a file for a variable without a value',
  },
  {
    formats: ['ini'],
    code: 'LG_VALIDATE_SYNTAX',
    message: /^expected a key before the value/,
    only: [READERS.systemd.name],
    example: '[a]\\nb\\\\\\n= c',
    because: 'systemd joins lines within a key as well, but no one writes one so',
  },
  {
    formats: ['properties', 'ini', 'env', 'yaml'],
    code: 'LG_VALIDATE_SYNTAX',
    message: /^is encrypted by sops/,
    example: 'ENC[AES256_GCM,',
    because: 'the app gets the encrypted value',
  },
  {
    formats: ['properties', 'ini', 'env'],
    code: 'LG_VALIDATE_ENCODING',
    message: /^is UTF-16/,
    because: 'Java, PHP and Docker take the file for Latin-1, with a null byte in each key',
  },
  {
    formats: ['pem'],
    code: 'LG_VALIDATE_CERTIFICATE',
    message: /private key/,
    because: 'TLS servers refuse a key that does not belong to the first certificate',
  },
  {
    formats: ['ini'],
    code: 'LG_VALIDATE_SYNTAX',
    message: /^expected (?:a \[section\] or a key|"=" or ":" after the key)/,
    example: 'a["b": 1',
    because: 'another format under the name of INI: only PHP reads a key',
  },
  {
    formats: ['pem'],
    code: 'LG_VALIDATE_SYNTAX',
    message:
      /^(?:the block is cut off|has an END line|a BEGIN or END line must|the line breaks|the base64)/,
    example: '-----BEGIN X-----',
    because: 'readers skip such a block silently, and the app runs without it',
  },
];
