import { arch, cpus, loadavg, release, totalmem, type } from 'node:os';

/** What the numbers were measured on, by the name of each fact. */
export type Machine = ReadonlyMap<string, string>;

/** Asks now: the load is that of this moment. */
export function describeMachine(): Machine {
  const processors = cpus();
  const load = loadavg().map((each) => each.toFixed(2));
  return new Map([
    ['date', `${new Date().toISOString().slice(0, 16).replace('T', ' ')} UTC`],
    ['CPU', `${processors[0]?.model.trim() ?? 'unknown'}, ${processors.length} cores`],
    ['memory', `${(totalmem() / 2 ** 30).toFixed(0)} GiB`],
    ['kernel', `${type()} ${release()} ${arch()}`],
    ['Node', process.version],
    ['load at the start', `${load.join(', ')} (1, 5, 15 min)`],
  ]);
}
