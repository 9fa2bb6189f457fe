import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, extname, join, relative } from 'node:path';
import { findingOf, reasonOf } from '@lastgood/core/model/error.ts';
import type { Finding } from '@lastgood/core/model/finding.ts';
import { type CommandResult, wrongUsage } from '../../command.ts';
import type { InferRequest } from './flags.ts';
import { inferFromPaths, type NamedSchema } from './infer-from-paths.ts';

/**
 * Infers schemas and writes them: one to standard output, or each to a file in the directory. An
 * invalid file does not keep the others from giving their schema.
 */
export async function inferAndWrite(request: InferRequest): Promise<CommandResult> {
  const { output: directory, force } = request;
  const { schemas, findings } = await inferFromPaths(request);
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
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, text);
      output += `wrote ${path}\n`;
    } catch (thrown) {
      const finding = findingOf('LG_USAGE', [`cannot write ${path}: ${reasonOf(thrown)}`]);
      return ended(output, [...findings, finding]);
    }
  }
  return ended(output, findings);
}

/** Invalid content is bad; any other finding makes the request unusable. */
function ended(output: string, findings: readonly Finding[]): CommandResult {
  if (findings.length === 0) return { end: 'good', output, findings };
  const isContent = findings.every(({ code }) => code.startsWith('LG_VALIDATE'));
  return { end: isContent ? 'bad' : 'unusable', output, findings };
}

const NOTHING =
  'no file there has a format with keys; set one with --format, or make each file a key with --keys';

const MAX_NAMED = 3;

function tooMany(schemas: readonly NamedSchema[]): string {
  const names = schemas.slice(0, MAX_NAMED).map(({ name }) => name);
  const more = schemas.length > MAX_NAMED ? ', …' : '';
  const what = `there are ${schemas.length} schemas (for ${names.join(', ')}${more})`;
  return `${what}: name a directory for them with --output`;
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
