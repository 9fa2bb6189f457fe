import { readFileSync, writeFileSync } from 'node:fs';
import { findingFrom } from '@lastgood/core/model/error.ts';
import { escapeInvisible } from '@lastgood/core/model/escape.ts';
import { formatFinding } from '@lastgood/core/model/finding.ts';
import { tryTo } from '@lastgood/core/model/try-to.ts';
import type { CompatExit } from '../compat/reloader-compat.ts';
import { type CommandResult, unusable } from './command.ts';
import { formatHint } from './report/report.ts';

/** Source: docs/design.md#exit-codes. */
const EXIT_CODES = { good: 0, bad: 1, unusable: 2 } as const;

/** The kubelet makes this file, and shows its content as the reason why a container ended. */
const TERMINATION_LOG = '/dev/termination-log';

const MAX_TERMINATION_LOG = 4096;

/** Prints how a command ended. Returns the exit code. */
export function printResult(result: CommandResult | CompatExit): number {
  // The reader may have seen enough and closed the pipe, as `head` does.
  process.stdout.on('error', () => {});
  if ('exitCode' in result) {
    process.stdout.write(result.stdout);
    printError(result.stderr);
    return result.exitCode;
  }
  const { end, output, findings, notes = [], isCommand } = result;
  process.stdout.write(output);
  for (const note of notes) process.stderr.write(`lastgood: ${escapeInvisible(note)}\n`);
  const lines = findings.map(
    (each, index) => `lastgood: ${formatFinding(each)}\n${formatHint(findings, index)}`,
  );
  printError(lines.join(''), isCommand);
  return EXIT_CODES[end];
}

/** The end of a command that threw. */
export function resultOfError(thrown: unknown): CommandResult {
  const finding = findingFrom(thrown);
  if (finding.code.startsWith('LG_SETTINGS')) return unusable([finding]);
  return { end: 'bad', output: '', findings: [finding] };
}

/** What tells the first process of a container from one that `kubectl exec` starts. */
export interface ProcessFacts {
  readonly pid: number;
  readonly ppid: number;
  /** Of process 1. */
  readonly initName: string;
  readonly isCommand: boolean;
}

/**
 * Whether an error of this process is the reason why the container ends: it is the first process, or the
 * child of a shell or an init that is. `kubectl exec` starts a process without a parent in the container.
 * With `shareProcessNamespace`, the first process is that of the pod, and no container's process has a
 * parent: then it is the sidecar itself.
 */
export function endsContainer({ pid, ppid, initName, isCommand }: ProcessFacts): boolean {
  return pid === 1 || ppid === 1 || (initName === 'pause' && !isCommand);
}

function readInitName(): string {
  return tryTo(() => readFileSync('/proc/1/comm', 'utf8').trim()) ?? '';
}

/** Writes to standard error and, for the container, to the file that the kubelet reads. */
function printError(text: string, isCommand = false): void {
  if (text === '') return;
  process.stderr.write(text);
  const { pid, ppid } = process;
  if (!endsContainer({ pid, ppid, initName: readInitName(), isCommand })) return;
  try {
    writeFileSync(TERMINATION_LOG, text.slice(0, MAX_TERMINATION_LOG), { flag: 'r+' });
  } catch {
    // Outside a pod there is no such file, and standard error has it all.
  }
}
