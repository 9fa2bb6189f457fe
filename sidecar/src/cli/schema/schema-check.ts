import { readFile } from 'node:fs/promises';
import { findingOf, reasonOf } from '@lastgood/core/model/error.ts';
import { checkSchema } from '../../checks/json-schema/check.ts';
import type { CommandResult } from '../command.ts';
import type { ReportRequest } from '../report/flags.ts';
import { filesOnDisk } from '../report/on-disk.ts';
import type { CheckedInput } from '../report/report.ts';
import { isGood, type ReportStyle, writeReport } from '../report/write.ts';

/** Checks schemas: reports errors, and warns of likely mistakes. */
export async function schemaCheckCommand(
  { paths, strict, output }: ReportRequest & { readonly paths: readonly string[] },
  style: ReportStyle,
): Promise<CommandResult> {
  const inputs: CheckedInput[] = [];
  // One after the other: each has an ajv of its own.
  for (const path of new Set(paths)) inputs.push(await checkedSchema(path));
  const report = { inputs };
  const findings = inputs.flatMap(({ files }) => files.flatMap((file) => file.findings));
  const isUnusable = findings.some(({ code }) => code === 'LG_INPUT_UNREADABLE');
  const end = isGood(report, strict) ? 'good' : 'bad';
  return {
    end: isUnusable ? 'unusable' : end,
    output: writeReport(report, output, style),
    findings: [],
  };
}

async function checkedSchema(path: string): Promise<CheckedInput> {
  return { name: path, files: await filesOnDisk([path], await findingsOf(path)) };
}

async function findingsOf(path: string) {
  try {
    await readFile(path);
  } catch (thrown) {
    return [findingOf('LG_INPUT_UNREADABLE', [reasonOf(thrown)], { file: path })];
  }
  return checkSchema(path);
}
