import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** What a process holds, in MiB. Source: proc_pid_status(5). */
export interface Memory {
  /** All pages that are in memory. */
  readonly rssMib: number;
  /** Of them its own: heap and stacks, and nothing that is shared with a file on disk. */
  readonly anonMib: number;
  /** The most that `rssMib` ever was. */
  readonly peakMib: number;
}

export function memoryOf(pid: number): Memory {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const mib = (name: string) =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]) / 1024;
  return { rssMib: mib('VmRSS'), anonMib: mib('RssAnon'), peakMib: mib('VmHWM') };
}

/** Time on a CPU since its start, of all its threads, in the kernel and out of it. */
export function cpuMsOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name in brackets may hold blanks; utime and stime are fields 14 and 15, state is field 3.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return ((Number(fields[11]) + Number(fields[12])) * 1_000) / ticksPerSecond();
}

let ticks: number | undefined;

function ticksPerSecond(): number {
  ticks ??= Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
  return ticks;
}
