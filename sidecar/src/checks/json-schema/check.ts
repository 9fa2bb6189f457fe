import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { findingOf } from '@lastgood/core/model/error.ts';
import type { Finding } from '@lastgood/core/model/finding.ts';
import { locateIssues } from '@lastgood/core/model/issue.ts';
import { checkResult, listFindings, mergeResults } from '../check-result.ts';
import { examineSchema } from './compile.ts';
import { readModule } from './module.ts';
import { isModule, type ReadSchema, type SchemaFile, subjectOf } from './schema-file.ts';
import { lintSchema } from './schema-warnings.ts';

/**
 * Checks whether a schema can be used. Gives an error for each reason why not, in its file and those that
 * it refers to, else a warning for each probable mistake. A module is run, and only checked to export a
 * schema. In the order of files and lines, and bounded. Never rejects.
 *
 * @param path - as the findings name it, absolute or relative to the working directory
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
    : examined.issues.map((issue) => {
        const { code, args, at = { file: path } } = issue;
        return findingOf(code, [subjectOf(issue, path), ...args], at);
      });
  return listFindings(mergeResults([checkResult(findings)])).map((finding) =>
    finding.location?.file === absolute
      ? { ...finding, location: { ...finding.location, file: path } }
      : finding,
  );
}

async function warningsOf(file: SchemaFile): Promise<readonly Finding[]> {
  const issues = await lintSchema(file);
  return locateIssues(issues, { path: file.path, secret: false }, ({ pointer, part }) =>
    file.locate(pointer, part),
  );
}
