import { readFile } from 'node:fs/promises';
import { yaml } from '@lastgood/core/formats/yaml.ts';
import { findingOf, reasonOf } from '@lastgood/core/model/error.ts';
import { type CommandContext, type CommandResult, unusable, wrongUsage } from '../command.ts';
import { readObjects } from '../manifests/manifests.ts';
import { sealedSource } from '../manifests/sealed-source.ts';
import type { SourceText } from '../report/report.ts';
import { unifiedDiff } from './diff.ts';
import type { Injected } from './injected.ts';

const STDIN = 'stdin';

/**
 * Changes manifests, and prints all of them as one stream, or the differences. If one of them cannot be
 * changed, prints none.
 */
export async function changeFiles(
  operands: readonly string[],
  showsDiff: boolean,
  { standardInput }: CommandContext,
  change: (file: string, text: string) => Injected,
): Promise<CommandResult> {
  const outputs: string[] = [];
  const results: Injected[] = [];
  for (const operand of operands.length === 0 ? ['-'] : operands) {
    const file = operand === '-' ? STDIN : operand;
    let text: string;
    try {
      text = (operand === '-' ? await standardInput() : await readFile(operand)).toString();
    } catch (thrown) {
      return unusable([findingOf('LG_INPUT_UNREADABLE', [reasonOf(thrown)], { file })]);
    }
    const result = change(file, text);
    results.push(result);
    outputs.push(
      showsDiff
        ? unifiedDiff(file, sourceOf(file, text), sourceOf(file, result.text))
        : result.text,
    );
  }
  const failed = failureOf(results);
  if (failed !== undefined) return failed;
  const output = showsDiff ? outputs.join('') : joinStreams(outputs);
  return { end: 'good', output, findings: [], notes: results.flatMap(({ notes }) => notes) };
}

/** Lines with secrets are sealed, and all lines of what cannot be read. */
function sourceOf(file: string, text: string): SourceText {
  const parsed = yaml.parse(text);
  if (!parsed.ok) return { text, isSealed: () => true };
  return sealedSource(readObjects(file, text, yaml, parsed.documents));
}

function failureOf(results: readonly Injected[]): CommandResult | undefined {
  const findings = results.flatMap((each) => each.findings);
  if (findings.length > 0) return { end: 'bad', output: '', findings };
  const [{ unused = [] } = {}, ...others] = results;
  const nowhere = unused.filter((flag) => others.every((other) => other.unused?.includes(flag)));
  if (nowhere.length > 0) return wrongUsage(...nowhere.map((flag) => `${flag} matches nothing`));
  const idle = results.map((each) => each.idle ?? []);
  if (idle.some((each) => each.length === 0)) return undefined;
  return { end: 'bad', output: '', findings: idle.flat() };
}

function joinStreams(texts: readonly string[]): string {
  const [first = '', ...others] = texts;
  return others.reduce((all, text) => `${all}${all.endsWith('\n') ? '' : '\n'}---\n${text}`, first);
}
