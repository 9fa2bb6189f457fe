import type { FormatName } from '@lastgood/core/formats/format.ts';
import type { Finding } from '@lastgood/core/model/finding.ts';
import { fileOf, snapshotOf } from '../../sidecar/src/steps/validate/snapshot.testing.ts';
import { createValidator } from '../../sidecar/src/steps/validate/validator.ts';
import { Random } from '../rollout/random.ts';
import { READERS, type Reader } from './readers.ts';
import { envFile, propertiesFile } from './shapes/flat.ts';
import { iniFile } from './shapes/ini.ts';
import { dockerConfigFile, json5File, jsonFile } from './shapes/json.ts';
import { mutated, oddity } from './shapes/mutate.ts';
import { makeBlocks, pemFile } from './shapes/pem.ts';
import { tomlFile } from './shapes/toml.ts';
import { yamlFile } from './shapes/yaml.ts';
import { STRICTNESS } from './strictness.ts';

/** Files of one format, and the readers that apps have for it. */
export interface Corpus {
  readonly format: FormatName;
  /** Selects the format. */
  readonly path: string;
  readonly readers: readonly Reader[];
  make(random: Random): string | Buffer;
  /** Of the number of files; less where a reader takes long. */
  readonly share?: number;
}

const blocks = await makeBlocks();

export const CORPORA: readonly Corpus[] = [
  {
    format: 'yaml',
    path: 'values.yaml',
    readers: [READERS.pyyaml, READERS.goYaml, READERS.kubectl, READERS.jsYaml4, READERS.jsYaml5],
    make: yamlFile,
  },
  {
    format: 'json',
    path: 'config.json',
    readers: [READERS.jsonParse, READERS.pythonJson, READERS.goJson, READERS.jsonc],
    make: jsonFile,
  },
  { format: 'jsonc', path: 'config.jsonc', readers: [READERS.jsonc], make: jsonFile },
  { format: 'json5', path: 'config.json5', readers: [READERS.json5], make: json5File },
  {
    format: 'toml',
    path: 'app.toml',
    readers: [READERS.tomllib, READERS.burntSushi, READERS.goToml],
    make: tomlFile,
  },
  {
    format: 'ini',
    path: 'app.ini',
    readers: [
      ...[READERS.configparser, READERS.configparserLenient, READERS.php, READERS.systemd],
      READERS.git,
      READERS.goIni,
    ],
    make: iniFile,
  },
  {
    format: 'properties',
    path: 'app.properties',
    readers: [READERS.properties],
    make: propertiesFile,
  },
  {
    format: 'env',
    path: 'app.env',
    readers: [READERS.pythonDotenv, READERS.godotenv, READERS.docker],
    make: envFile,
  },
  {
    format: 'dockerconfigjson',
    path: '.dockerconfigjson',
    readers: [READERS.kubelet],
    make: dockerConfigFile,
  },
  {
    format: 'pem',
    path: 'ca.crt',
    readers: [READERS.openssl, READERS.goPem],
    make: (random) => pemFile(random, blocks),
    share: 0.25,
  },
];

/** Half of the files are as they were made, the others have an oddity or a few slips. */
export function filesOf({ make }: Corpus, count: number, seed: number): readonly Buffer[] {
  const random = new Random(seed);
  return Array.from({ length: count }, () => {
    const made = make(random);
    const file = Buffer.from(made as string);
    const turn = random.next();
    if (turn < 0.5) return file;
    return turn < 0.7 ? oddity(random, file.toString()) : mutated(random, file);
  });
}

/** The verdicts of lastgood and the readers on one file. */
export interface Opinion {
  readonly file: Buffer;
  readonly own: readonly Finding[];
  /** By the reader's name; '' if it accepts the file. */
  readonly others: ReadonlyMap<string, string>;
}

/** When all certificates of the corpus are valid. */
const NOW_MS = Date.UTC(2026, 5, 1);

const validate = await createValidator([], { wallMs: () => NOW_MS });

/** Everybody's opinion of each file, without a check that names it. */
export async function opinionsOf(
  { path, readers }: Corpus,
  files: readonly Buffer[],
): Promise<readonly Opinion[]> {
  const answers = readers.map((reader) => [reader.name, reader.read(files)] as const);
  const opinions: Opinion[] = [];
  for (const [index, file] of files.entries()) {
    const { findings } = await validate(snapshotOf(fileOf(path, file)));
    const others = new Map(answers.map(([name, said]) => [name, said[index] ?? '']));
    opinions.push({ file, own: findings, others });
  }
  return opinions;
}

/** `error` if lastgood rejects a file, else `warning` or `good`. */
export function verdictOf({ own }: Opinion): 'good' | 'warning' | 'error' {
  if (own.some(({ severity }) => severity === 'error')) return 'error';
  return own.length > 0 ? 'warning' : 'good';
}

/** How many of the readers accept a file. */
export function acceptedBy({ others }: Opinion): 'all' | 'some' | 'none' {
  const said = [...others.values()];
  if (said.every((each) => each === '')) return 'all';
  return said.includes('') ? 'some' : 'none';
}

/** How the verdicts break the rule; undefined if they do not. */
export function faultOf({ format }: Corpus, opinion: Opinion): string | undefined {
  const accepting = [...opinion.others].filter(([, said]) => said === '').map(([name]) => name);
  if (verdictOf(opinion) !== 'error') {
    const isFault = accepting.length === 0 && !isMixed(format, opinion);
    return isFault ? 'accepted, and every reader refuses it' : undefined;
  }
  if (accepting.length === 0 || isStrictOnPurpose(format, opinion, accepting)) return undefined;
  return `refused, and accepted by ${accepting.join(', ')}`;
}

/** Whether each reader may refuse another part of it; docs/validation.md has the formats. */
function isMixed(format: FormatName, { own }: Opinion): boolean {
  // The bytes in a key without quotes are letters to lastgood, which reads Latin-1, and none to Node.
  return format === 'json5' && own.some(({ code }) => code === 'LG_VALIDATE_ENCODING');
}

function isStrictOnPurpose(
  format: FormatName,
  { own }: Opinion,
  accepting: readonly string[],
): boolean {
  const listed = STRICTNESS.filter(
    ({ formats, only }) => formats.includes(format) && isOnly(accepting, only),
  );
  return own
    .filter(({ severity }) => severity === 'error')
    .some(({ code, message }) =>
      listed.some((entry) => entry.code === code && entry.message?.test(message) !== false),
    );
}

function isOnly(accepting: readonly string[], only = accepting): boolean {
  return accepting.every((name) => only.includes(name));
}
