import { styleText } from 'node:util';
import { systemClock } from '@lastgood/core/model/clock.ts';
import manifest from '../../package.json' with { type: 'json' };
import { fitHeap } from '../app/heap.ts';
import { stopSignal } from '../app/signals.ts';
import type { CompatExit } from '../compat/reloader-compat.ts';
import { type CommandContext, type CommandResult, unusable } from './command.ts';
import { RUN } from './commands.ts';
import { helpText, seeHelp } from './help.ts';
import { parseCommandLine } from './parse-command-line.ts';

/** Runs what the arguments after the program's own name ask for. */
export async function runCommandLine(argv: readonly string[]): Promise<CommandResult | CompatExit> {
  const line = parseCommandLine(argv, process.env);
  switch (line.kind) {
    case 'wrong':
      return unusable([seeHelp(line.about, line.finding)]);
    case 'help':
      return { end: 'good', output: helpText(line.about), findings: [] };
    case 'version':
      return { end: 'good', output: `lastgood ${manifest.version}\n`, findings: [] };
    case 'command': {
      const { command, input } = line;
      const lack = command.needsLargeHeap ? await fitHeap() : undefined;
      if (lack !== undefined) return { ...unusable([lack]), isCommand: true };
      const result = await command.run(input, PROCESS);
      if ('exitCode' in result) return result;
      const findings = result.findings.map((each) => seeHelp(command.name, each));
      return { ...result, findings, ...(command !== RUN && { isCommand: true }) };
    }
  }
}

const PROCESS: CommandContext = {
  env: process.env,
  clock: systemClock,
  version: manifest.version,
  style: (look, text) => styleText(look, text, { stream: process.stdout }),
  standardInput: async () => (await import('node:stream/consumers')).buffer(process.stdin),
  stopSignal,
};
