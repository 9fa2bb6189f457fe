import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { dirname, extname, join, relative } from 'node:path';
import { findingOf, reasonOf } from '@lastgood/core/model/error.ts';
import type { Finding } from '@lastgood/core/model/finding.ts';
import { quote } from '@lastgood/core/model/quote.ts';
import { makeDirectory } from '../../../io/fs/make-directory.ts';
import { type CommandResult, wrongUsage } from '../../command.ts';
import type { InferRequest } from './flags.ts';
import { type InferredSchemas, inferFromPaths, type NamedSchema } from './infer-from-paths.ts';

/**
 * Infers schemas and writes them: one to standard output, or each to a file in the directory. An
 * invalid file does not keep the others from giving their schema.
 */
export async function inferAndWrite(request: InferRequest): Promise<CommandResult> {
  const inferred = await inferFromPaths(request);
  const result = await writeInferred(inferred, request);
  return { ...result, notes: leftOutNotes(inferred) };
}

async function writeInferred(
  { schemas, findings }: InferredSchemas,
  { output: directory, force }: InferRequest,
): Promise<CommandResult> {
  const [schema] = schemas;
  if (schema === undefined)
    return findings.length === 0 ? wrongUsage(NOTHING) : ended('', findings);
  if (directory === undefined)
    return schemas.length > 1 ? wrongUsage(tooMany(schemas)) : ended(schema.text, findings);
  const files = nameFiles(schemas, directory);
  // An object or a key of a manifest may have any name.
  const outside = files.find(({ path }) => relative(directory, path).startsWith('..'));
  if (outside !== undefined) return wrongUsage(`${outside.path} is outside of ${directory}`);
  const existing = force ? [] : files.filter(({ path }) => existsSync(path));
  if (existing.length > 0)
    return wrongUsage(
      ...existing.map(({ path }) => `${path} already exists; --force overwrites it`),
    );
  return writeFiles(files, findings);
}

async function writeFiles(
  files: ReturnType<typeof nameFiles>,
  findings: readonly Finding[],
): Promise<CommandResult> {
  let output = '';
  for (const { path, text } of files) {
    try {
      await makeDirectory(dirname(path));
      await writeFile(path, text);
      output += `wrote ${path}\n`;
    } catch (thrown) {
      const finding = findingOf('LG_OUTPUT_UNWRITABLE', [reasonOf(thrown)], { file: path });
      return ended(output, [...findings, finding]);
    }
  }
  return ended(output, findings);
}

/** Invalid content and a full disk are bad; any other finding makes the request unusable. */
function ended(output: string, findings: readonly Finding[]): CommandResult {
  if (findings.length === 0) return { end: 'good', output, findings };
  const isUsable = findings.every(
    ({ code }) => code.startsWith('LG_VALIDATE') || code === 'LG_OUTPUT_UNWRITABLE',
  );
  return { end: isUsable ? 'bad' : 'unusable', output, findings };
}

const NOTHING =
  'no file there has a format with keys; set one with --format, or make each file a key with --keys';

const MAX_NAMED = 3;

function tooMany(schemas: readonly NamedSchema[]): string {
  const names = listNames(schemas.map(({ name }) => name));
  return `there are ${schemas.length} schemas (for ${names}): name a directory for them with --output`;
}

/** Single values, such as the keys of a ConfigMap for the environment, have no keys to infer. */
function leftOutNotes({ leftOut, schemas }: InferredSchemas): readonly string[] {
  if (leftOut.length === 0 || schemas.length === 0) return [];
  const what = leftOut.length === 1 ? '1 file' : `${leftOut.length} files`;
  const reason = `the format has no keys (${listNames(leftOut)})`;
  return [`${what} left out, because ${reason}; --keys makes each file a key of one schema`];
}

/** Names of objects and keys are content of a manifest, and may have any character. */
function listNames(names: readonly string[]): string {
  const shown = names.slice(0, MAX_NAMED).map((name) => quote(name).slice(1, -1));
  return `${shown.join(', ')}${names.length > MAX_NAMED ? ', …' : ''}`;
}

/** The schema of `config.yaml` is `config.schema.json`, unless there is a `config.json` too. */
function nameFiles(schemas: readonly NamedSchema[], directory: string) {
  const stems = schemas.map(({ name }) => name.slice(0, name.length - extname(name).length));
  return schemas.map(({ name, text }, index) => {
    const stem = stems[index] ?? name;
    const isUnique = stems.indexOf(stem) === stems.lastIndexOf(stem);
    return { path: join(directory, `${isUnique ? stem : name}.schema.json`), text };
  });
}
