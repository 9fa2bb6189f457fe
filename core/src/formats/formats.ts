import { basename, extname } from 'node:path/posix';
import { dockercfg, dockerconfigjson } from './docker-config.ts';
import { env } from './env.ts';
import type { Format, FormatName } from './format.ts';
import { ini } from './ini.ts';
import { json, jsonc } from './json.ts';
import { json5 } from './json5.ts';
import { pem } from './pem.ts';
import { properties } from './properties.ts';
import { shell } from './shell.ts';
import { binary, text } from './text.ts';
import { toml } from './toml.ts';
import { yaml } from './yaml.ts';

/** Every format: a new one is a file beside this one and a line here and in `FORMAT_NAMES`. */
const FORMATS: Readonly<Record<FormatName, Format>> = {
  yaml,
  json,
  jsonc,
  json5,
  toml,
  ini,
  properties,
  env,
  shell,
  dockerconfigjson,
  dockercfg,
  pem,
  text,
  binary,
};

const PARSED_EXTENSIONS = Object.values(FORMATS)
  .filter(hasGrammar)
  .flatMap(({ extensions }) => extensions);

/** Glob of the files whose name asks for a format that is parsed. */
export const PARSED_FILES = `**/*{${PARSED_EXTENSIONS.join()}}`;

/** Whether a text of the format can be wrong, and says something that a schema can judge. */
export function hasGrammar({ name }: Format): boolean {
  return name !== 'text' && name !== 'binary';
}

/** The format that the name of a file asks for; `binary` when it says nothing that is known. */
export function formatOfPath(path: string): Format {
  const name = basename(path).toLowerCase();
  const extension = extname(name);
  const all = Object.values(FORMATS);
  return (
    all.find(({ fileNames }) => fileNames?.test(name)) ??
    all.find(({ extensions }) => extensions.includes(extension)) ??
    binary
  );
}

/** The format of a name that settings use. */
export function formatNamed(name: FormatName): Format {
  return FORMATS[name];
}
