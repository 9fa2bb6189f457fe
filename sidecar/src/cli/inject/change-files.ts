import { readFile } from 'node:fs/promises';
import { findingOf, reasonOf } from '@lastgood/core/model/error.ts';
import type { Finding } from '@lastgood/core/model/finding.ts';
import { type CommandContext, type CommandResult, unusable } from '../command.ts';
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
  const findings: Finding[] = [];
  const notes: string[] = [];
  for (const operand of operands.length === 0 ? ['-'] : operands) {
    const file = operand === '-' ? STDIN : operand;
    let text: string;
    try {
      text = (operand === '-' ? await standardInput() : await readFile(operand)).toString();
    } catch (thrown) {
      return unusable([findingOf('LG_INPUT_UNREADABLE', [reasonOf(thrown)], { file })]);
    }
    const changed = change(file, text);
    findings.push(...changed.findings);
    notes.push(...changed.notes);
    outputs.push(showsDiff ? unifiedDiff(file, text, changed.text) : changed.text);
  }
  if (findings.length > 0) return { end: 'bad', output: '', findings };
  return {
    end: 'good',
    output: showsDiff ? outputs.join('') : joinStreams(outputs),
    findings,
    notes,
  };
}

function joinStreams(texts: readonly string[]): string {
  const [first = '', ...others] = texts;
  return others.reduce((all, text) => `${all}${all.endsWith('\n') ? '' : '\n'}---\n${text}`, first);
}
