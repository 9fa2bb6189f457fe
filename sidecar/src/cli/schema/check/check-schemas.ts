import { readFile } from 'node:fs/promises';
import { findingOf, reasonOf } from '@lastgood/core/model/error.ts';
import type { Finding } from '@lastgood/core/model/finding.ts';
import { checkSchema } from '../../../checks/json-schema/check.ts';
import type { CommandResult, FlagValues } from '../../command.ts';
import type { REPORT_FLAGS } from '../../report/flags.ts';
import { filesOnDisk } from '../../report/on-disk.ts';
import type { CheckedInput, ReportStyle } from '../../report/report.ts';
import { writeReport } from '../../report/write.ts';

/** Checks schemas: reports errors, and warns of likely mistakes. */
export async function checkSchemas(
  paths: readonly string[],
  flags: FlagValues<typeof REPORT_FLAGS>,
  style: ReportStyle,
): Promise<CommandResult> {
  const inputs: CheckedInput[] = [];
  let isUnreadable = false;
  // One at a time: each has its own ajv.
  for (const path of new Set(paths)) {
    const findings = await findingsIn(path);
    isUnreadable ||= findings.some(({ code }) => code === 'LG_INPUT_UNREADABLE');
    inputs.push({ name: path, files: await filesOnDisk([path], findings) });
  }
  const result = writeReport({ inputs }, flags, style);
  return isUnreadable ? { ...result, end: 'unusable' } : result;
}

async function findingsIn(path: string): Promise<readonly Finding[]> {
  try {
    await readFile(path);
  } catch (thrown) {
    return [findingOf('LG_INPUT_UNREADABLE', [reasonOf(thrown)], { file: path })];
  }
  return checkSchema(path);
}
