import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, extname, join, relative } from 'node:path';
import { findingOf, reasonOf } from '@lastgood/core/model/error.ts';
import type { Finding } from '@lastgood/core/model/finding.ts';
import type { CommandResult } from '../command.ts';
import {
  type NamedSchema,
  runSchemaInfer,
  type SchemaInferOptions,
} from './infer/infer-command.ts';

export interface SchemaInferRequest extends SchemaInferOptions {
  /** The directory to write the schemas to; undefined: standard output, which takes one. */
  readonly directory: string | undefined;
  /** Overwrites existing schemas. */
  readonly force: boolean;
}

/** A schema, and the path of its file. */
interface Placed {
  readonly path: string;
  readonly text: string;
}

/**
 * Learns schemas and writes them: one to standard output, or each into a file of the directory. What
 * can be read gives its schema, whatever is wrong with the rest.
 */
export async function schemaInferCommand(request: SchemaInferRequest): Promise<CommandResult> {
  const { schemas, findings } = await runSchemaInfer(request);
  if (schemas.length === 0) return ended('', findings.length === 0 ? [NOTHING] : findings);
  const { directory, force } = request;
  if (directory === undefined) {
    const [schema, ...others] = schemas;
    return others.length > 0 ? ended('', [tooMany(schemas)]) : ended(schema?.text ?? '', findings);
  }
  const placed = placesOf(schemas, directory);
  const outside = placed.find(({ path }) => relative(directory, path).startsWith('..'));
  if (outside !== undefined) return ended('', [isOutside(outside, directory)]);
  const taken = force ? [] : placed.filter(({ path }) => existsSync(path));
  if (taken.length > 0)
    return ended(
      '',
      taken.map(({ path }) => isThere(path)),
    );
  return written(placed, findings);
}

async function written(
  placed: readonly Placed[],
  findings: readonly Finding[],
): Promise<CommandResult> {
  const done: string[] = [];
  for (const { path, text } of placed) {
    try {
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, text);
      done.push(`wrote ${path}\n`);
    } catch (thrown) {
      const finding = findingOf('LG_USAGE', [`${path} cannot be written: ${reasonOf(thrown)}`]);
      return ended(done.join(''), [...findings, finding]);
    }
  }
  return ended(done.join(''), findings);
}

/** What is no content, but the way to it or to the result, makes the request wrong. */
function ended(output: string, findings: readonly Finding[]): CommandResult {
  const isContent = findings.every(({ code }) => code.startsWith('LG_VALIDATE'));
  const wrong = isContent ? 'bad' : 'unusable';
  return { end: findings.length === 0 ? 'good' : wrong, output, findings };
}

const NOTHING = findingOf('LG_USAGE', [
  'no file there has a format with keys; name one with --format, or make each file a key with --keys',
]);

const MAX_NAMED = 3;

function tooMany(schemas: readonly NamedSchema[]): Finding {
  const names = schemas.slice(0, MAX_NAMED).map(({ name }) => name);
  const more = schemas.length > MAX_NAMED ? ', …' : '';
  const what = `these are ${schemas.length} schemas (for ${names.join(', ')}${more})`;
  return findingOf('LG_USAGE', [`${what}: name a directory for them with --output`]);
}

/** A manifest from somewhere may call an object or a key whatever it likes. */
function isOutside({ path }: Placed, directory: string): Finding {
  return findingOf('LG_USAGE', [`${path} would stand outside of ${directory}`]);
}

function isThere(path: string): Finding {
  return findingOf('LG_USAGE', [`${path} is there already; --force overwrites it`]);
}

/** `config.yaml` is described by `config.schema.json`, unless there is a `config.json` too. */
function placesOf(schemas: readonly NamedSchema[], directory: string): readonly Placed[] {
  const bare = schemas.map(({ name }) => name.slice(0, name.length - extname(name).length));
  return schemas.map(({ name, text }, index) => {
    const stem = bare[index] ?? name;
    const isUnique = bare.indexOf(stem) === bare.lastIndexOf(stem);
    return { path: join(directory, `${isUnique ? stem : name}.schema.json`), text };
  });
}
