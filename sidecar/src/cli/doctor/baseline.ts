import { readFile } from 'node:fs/promises';
import { findingOf, reasonOf } from '@lastgood/core/model/error.ts';
import type { Finding } from '@lastgood/core/model/finding.ts';
import { isMapping } from '@lastgood/core/model/mapping.ts';
import { type CheckedFile, formatObject } from '../report/report.ts';

/** Findings that are known already: how often each of them is. */
export type Baseline = Map<string, number>;

/** Reads a report of `--output json`; a finding if it is not one. */
export async function readBaseline(path: string): Promise<Baseline | Finding> {
  try {
    const report: unknown = JSON.parse(await readFile(path, 'utf8'));
    const findings = isMapping(report) ? report.findings : undefined;
    if (!Array.isArray(findings)) throw new Error('it is not a report of --output json');
    const baseline: Baseline = new Map();
    for (const finding of findings.filter(isMapping)) {
      const { code, file, object, message } = finding;
      const shown = isMapping(object) ? formatObject(object as never) : '';
      count(baseline, nameOf([code, file, shown, message]));
    }
    return baseline;
  } catch (thrown) {
    return findingOf('LG_INPUT_UNREADABLE', [reasonOf(thrown)], { file: path });
  }
}

function count(baseline: Baseline, name: string): void {
  baseline.set(name, (baseline.get(name) ?? 0) + 1);
}

/** Without lines, which change with each edit above them. */
function nameOf(parts: readonly unknown[]): string {
  return JSON.stringify(parts);
}

/** The files without the findings of the baseline, and how many of the baseline are solved. */
export function withoutKnown(files: readonly CheckedFile[], baseline: Baseline) {
  const left: Baseline = new Map(baseline);
  const kept = files.map((file) => ({
    ...file,
    findings: file.findings.filter(({ code, location, object, message }) => {
      const shown = object === undefined ? '' : formatObject(object);
      const name = nameOf([code, location.file, shown, message]);
      const times = left.get(name) ?? 0;
      left.set(name, times - 1);
      return times <= 0;
    }),
  }));
  const solved = [...left.values()].reduce((sum, times) => sum + Math.max(0, times), 0);
  return { files: kept, solved };
}
