import type { TookMs } from '../../contenders/checks/timed.ts';
import type { Launch } from '../../sidecar.ts';
import type { Workbench } from '../../workbench.ts';

const WITHIN_MS = 600_000;

export interface TimeOptions {
  /** The file that the checks were made into. */
  readonly program: string;
  readonly what: 'large' | 'typical';
  readonly schemaPath: string;
  readonly rounds: number;
  readonly launch: Launch;
}

/** Runs the checks in a separate process, and returns the times of each way. */
export async function timeChecks<Way extends string>(
  bench: Workbench,
  { program, what, schemaPath, rounds, launch: { flags, env } }: TimeOptions,
): Promise<TookMs<Way>> {
  const args = [...flags, program, what, schemaPath, String(rounds)];
  const child = bench.start(`checks, ${what}`, { command: process.execPath, args, env });
  let answer: string | undefined;
  child.onLine((line) => {
    if (line.startsWith('{')) answer = line;
  });
  return JSON.parse(await child.until('answer', () => answer, WITHIN_MS));
}
