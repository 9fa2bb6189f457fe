import { extname } from 'node:path/posix';
import type { Format } from './format.ts';
import { json } from './json.ts';
import { pem } from './pem.ts';
import { text } from './text.ts';
import { yaml } from './yaml.ts';

/** Every format: a new one is a file beside this one and a line here. */
const FORMATS: readonly Format[] = [yaml, json, pem, text];

const PARSED_EXTENSIONS = FORMATS.filter(({ name }) => name !== 'text').flatMap(
  ({ extensions }) => extensions,
);

/** Glob of the files whose name asks for a format that is parsed. */
export const PARSED_FILES = `**/*{${PARSED_EXTENSIONS.join()}}`;

/** The format that the name of a file asks for; `text` when its extension is none that is known. */
export function formatOfPath(path: string): Format {
  const extension = extname(path).toLowerCase();
  return FORMATS.find(({ extensions }) => extensions.includes(extension)) ?? text;
}

/** The format of a name that settings use. */
export function formatNamed(name: Format['name']): Format {
  return FORMATS.find((format) => format.name === name) ?? text;
}
