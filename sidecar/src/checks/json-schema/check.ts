import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { findingOf, warningOf } from '@lastgood/core/model/error.ts';
import type { Finding } from '@lastgood/core/model/finding.ts';
import { checkResult, listFindings, mergeResults } from '../check-result.ts';
import { examineSchema } from './compile.ts';
import { readModule } from './module.ts';
import { createIsSlow, patternsIn } from './pattern.ts';
import { isModule, type ReadSchema, type SchemaFile, subjectOf } from './schema-file.ts';
import { lintSchema, type SchemaWarning } from './schema-warnings.ts';
import { subschemasOf } from './walk.ts';

/**
 * Says whether a schema can be used: an error for each reason why not, of the file and of those that it
 * refers to; else a warning for whatever in them is probably a mistake. A module is run, and nothing
 * more is said of what it makes than whether it is a schema. In the order of files and lines, and
 * bounded. Never rejects.
 *
 * @param path - as the findings name it, absolute or from the working directory
 */
export async function checkSchema(
  path: string,
  read: ReadSchema = readFile,
): Promise<readonly Finding[]> {
  const absolute = resolve(path);
  const examined = isModule(absolute)
    ? await readModule(absolute)
    : await examineSchema(absolute, read);
  const findings = examined.ok
    ? (await Promise.all(('files' in examined ? examined.files : []).map(warningsOf))).flat()
    : examined.problems.map((problem) => {
        const { reason, location = { file: path } } = problem;
        return findingOf('LG_SETTINGS_SCHEMA', [subjectOf(problem, path), reason], location);
      });
  return listFindings(mergeResults([checkResult(findings)])).map((finding) =>
    finding.location?.file === absolute
      ? { ...finding, location: { ...finding.location, file: path } }
      : finding,
  );
}

async function warningsOf(file: SchemaFile): Promise<readonly Finding[]> {
  const doubts = [...lintSchema(file), ...(await slowPatterns(file))];
  return doubts.map(({ message, pointer, part }) =>
    warningOf('LG_SETTINGS_SCHEMA_DOUBT', [message], file.locate(pointer, part)),
  );
}

async function slowPatterns({ value, base }: SchemaFile): Promise<readonly SchemaWarning[]> {
  const patterns = subschemasOf(value, base).flatMap(patternsIn);
  if (patterns.length === 0) return [];
  const isSlow = await createIsSlow();
  const message =
    'the pattern repeats a repetition, and may take for ever on a text that nearly fits';
  return patterns
    .filter(({ pattern }) => isSlow(pattern))
    .map(({ pointer, part }) => ({ message, pointer, part }));
}
