import { readFile } from 'node:fs/promises';
import { relative } from 'node:path';
import type { Finding } from '@lastgood/core/model/finding.ts';
import { type CheckedFile, reportedAt, type SourceText } from './report.ts';

/**
 * Files that stand on disk, and what was found in them, with the text around it. Paths are shown from
 * the working directory where they are inside it, as a pull request needs them.
 *
 * @param paths - what was looked at; a finding in another file adds that one
 * @param sealed - files of which no line may be shown (P8)
 */
export async function filesOnDisk(
  [first, ...others]: readonly [string, ...string[]],
  findings: readonly Finding[],
  sealed: readonly string[] = [],
): Promise<readonly CheckedFile[]> {
  const byFile = Map.groupBy(findings, ({ location }) => shownPath(location?.file ?? first));
  const paths = new Set([...[first, ...others].map(shownPath), ...byFile.keys()]);
  const hidden = sealed.map(shownPath);
  const files = [...paths].map(async (name) => {
    const found = byFile.get(name) ?? [];
    const source = hidden.includes(name) || found.length === 0 ? undefined : await sourceOf(name);
    return {
      name,
      findings: found.map((each) => reportedAt(each, { ...each.location, file: name }, { source })),
    };
  });
  return Promise.all(files);
}

async function sourceOf(file: string): Promise<SourceText | undefined> {
  try {
    const text = await readFile(file, 'utf8');
    return { text, isSealed: () => false };
  } catch {
    return undefined;
  }
}

function shownPath(file: string): string {
  const path = relative('', file);
  return path.startsWith('..') ? file : path;
}
