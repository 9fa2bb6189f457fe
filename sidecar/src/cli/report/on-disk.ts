import { readFile } from 'node:fs/promises';
import { relative } from 'node:path';
import type { Finding } from '@lastgood/core/model/finding.ts';
import type { CheckedFile, SourceText } from './report.ts';

/**
 * Files on disk with their findings and the text around them. Paths inside the working directory
 * are relative to it, as a pull request needs them.
 *
 * @param paths - the checked files; a finding in another file adds that file
 * @param sealed - files of which no line may be shown (P8)
 */
export async function filesOnDisk(
  paths: readonly [string, ...string[]],
  findings: readonly Finding[],
  sealed: readonly string[] = [],
): Promise<readonly CheckedFile[]> {
  const byFile = Map.groupBy(findings, ({ location }) => shownPath(location?.file ?? paths[0]));
  const names = new Set([...paths.map(shownPath), ...byFile.keys()]);
  const hidden = sealed.map(shownPath);
  const files = [...names].map(async (name) => {
    const found = byFile.get(name) ?? [];
    const source = hidden.includes(name) || found.length === 0 ? undefined : await sourceOf(name);
    return {
      name,
      findings: found.map((each) => ({
        ...each,
        location: { ...each.location, file: name },
        source,
      })),
    };
  });
  return Promise.all(files);
}

async function sourceOf(file: string): Promise<SourceText | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : { text, isSealed: () => false };
}

function shownPath(file: string): string {
  const path = relative('', file);
  return path.startsWith('..') ? file : path;
}
