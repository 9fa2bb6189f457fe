/** Readers of configuration files as apps use them, each as a program that reads many files at once. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  CORE_SCHEMA,
  defineMappingTag,
  defineScalarTag,
  defineSequenceTag,
  loadAll,
  mapTag,
  mergeTag,
  seqTag,
} from 'js-yaml';
import { DEFAULT_SCHEMA, loadAll as loadAllAsJsYaml4, Type } from 'js-yaml-4';
import JSON5 from 'json5';
import { type ParseError, parse as parseJsonc } from 'jsonc-parser';

/** Where `setup.ts` puts what it builds and installs. */
export const CORPUS_DIR = join(import.meta.dirname, '../../node_modules/.lastgood-corpus');

/** The sources of the readers. */
export const PROGRAMS = join(import.meta.dirname, 'programs');

export interface Reader {
  readonly name: string;
  /** For each file '', or why it is refused. */
  read(files: readonly Buffer[]): readonly string[];
  /** Why the reader cannot run here; undefined if it can. */
  fault(): string | undefined;
}

const PYTHON = join(CORPUS_DIR, 'python/bin/python3');
const GO = join(CORPUS_DIR, 'go-readers');
const JAVA = join(CORPUS_DIR, 'java');

/** As apps that define tags. */
const JS_YAML_4_SCHEMA = DEFAULT_SCHEMA.extend(
  (['scalar', 'sequence', 'mapping'] as const).map((kind) => new Type('!', { kind, multi: true })),
);
const ANY_TAG = { matchByTagPrefix: true, identify: () => false } as const;
const JS_YAML_5_SCHEMA = CORE_SCHEMA.withTags(
  mergeTag,
  defineScalarTag('!', { ...ANY_TAG, resolve: (text) => text }),
  defineSequenceTag('!', { ...seqTag, ...ANY_TAG }),
  defineMappingTag('!', { ...mapTag, ...ANY_TAG }),
);

export const READERS = {
  pyyaml: python('pyyaml'),
  goYaml: go('yaml'),
  kubectl: go('kubectl'),
  jsYaml4: inProcess('js-yaml 4', (text) =>
    loadAllAsJsYaml4(text, undefined, { schema: JS_YAML_4_SCHEMA }),
  ),
  jsYaml5: inProcess('js-yaml 5', (text) => loadAll(text, { schema: JS_YAML_5_SCHEMA })),
  jsonParse: inProcess('JSON.parse', (text) => JSON.parse(text)),
  pythonJson: python('json'),
  goJson: go('json'),
  jsonc: inProcess('jsonc-parser', readJsonc),
  json5: inProcess('json5', (text) => JSON5.parse(text)),
  tomllib: python('tomllib'),
  burntSushi: go('burntsushi'),
  goToml: go('pelletier'),
  configparser: python('configparser'),
  configparserLenient: python('configparser-lenient'),
  php: program('PHP', 'php', [join(PROGRAMS, 'ini.php')]),
  systemd: python('systemd', 'systemd-analyze'),
  git: python('git', 'git'),
  goIni: go('ini'),
  properties: program('java.util.Properties', 'java', ['-cp', JAVA, 'PropertiesReader'], JAVA),
  pythonDotenv: python('python-dotenv'),
  godotenv: go('godotenv'),
  docker: python('docker'),
  openssl: python('openssl', 'openssl'),
  goPem: go('pem'),
  kubelet: go('docker-config'),
} as const satisfies Readonly<Record<string, Reader>>;

function python(name: string, needs?: string): Reader {
  return program(name, PYTHON, [join(PROGRAMS, 'readers.py'), name], needs);
}

function go(name: string): Reader {
  return program(`Go ${name}`, GO, [name]);
}

/** @param needs - another program that it runs, or a file that it reads */
function program(name: string, command: string, args: readonly string[], needs = command): Reader {
  return {
    name,
    read: (files) => ask(command, args, files),
    fault: () => [command, needs].map(faultOf).find((fault) => fault !== undefined),
  };
}

function faultOf(command: string): string | undefined {
  if (command.includes('/')) return existsSync(command) ? undefined : 'setup.ts did not build it';
  return spawnSync('which', [command]).status === 0 ? undefined : `${command} is not installed`;
}

function ask(
  command: string,
  args: readonly string[],
  files: readonly Buffer[],
): readonly string[] {
  const input = Buffer.concat(files.flatMap((file) => [lengthOf(file), file]));
  const { status, stdout, stderr, error } = spawnSync(command, args, { input, maxBuffer: 2 ** 28 });
  if (error !== undefined) throw error;
  const answers = stdout.toString().split('\n').slice(0, -1);
  if (status !== 0 || answers.length !== files.length)
    throw new Error(`${command} ${args.join(' ')} ended with ${status}: ${stderr}`);
  return answers;
}

function lengthOf(file: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(file.length);
  return length;
}

/** A reader in this process, which gets the text as Node decodes it. */
function inProcess(name: string, read: (text: string) => unknown): Reader {
  const said = (file: Buffer) => {
    try {
      read(file.toString());
      return '';
    } catch (thrown) {
      return String(thrown);
    }
  };
  return { name, read: (files) => files.map(said), fault: () => undefined };
}

/** As VS Code reads its settings, and TypeScript `tsconfig.json`. */
function readJsonc(text: string): unknown {
  const errors: ParseError[] = [];
  const value: unknown = parseJsonc(text.replace(/^\uFEFF/, ''), errors, {
    allowTrailingComma: true,
  });
  if (errors.length > 0) throw new Error(JSON.stringify(errors[0]));
  return value;
}
