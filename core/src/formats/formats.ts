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

/** Every format. A new one needs a file in this folder, and a line here and in `FORMAT_NAMES`. */
export const FORMATS: Readonly<Record<FormatName, Format>> = {
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

/** Glob of the files whose extension has a format with a grammar. */
export const PARSED_FILES = `**/*{${PARSED_EXTENSIONS.join()}}`;

/** Whether a text can break the format, and has a value that a schema can check. */
export function hasGrammar({ name }: Format): boolean {
  return name !== 'text' && name !== 'binary';
}

/** The format for the name of a file; `binary` if the name is not known. */
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
