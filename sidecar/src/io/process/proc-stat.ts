/** Ticks of `startTicks` in a second, on every machine that Node runs on. Source: USER_HZ. */
export const TICKS_PER_SECOND = 100;

/** Source: Linux, include/linux/sched.h, PF_KTHREAD and PF_EXITING. */
const KERNEL_THREAD = 0x200000;
const ENDING = 0x4;

/**
 * Parses `/proc/<pid>/stat`; undefined for a process that has ended but was not reaped (state Z or X).
 * The second field is the name in parentheses, and may contain spaces and parentheses itself. The
 * start is in clock ticks since the node booted, and 0 if the system does not show it. Source:
 * proc_pid_stat(5), fields 2, 3, 4, 6, 9 and 22.
 */
export function parseStat(text: string) {
  const end = text.lastIndexOf(')');
  const fields = text.slice(end + 2).split(' ');
  const [state = '', parent, , session, , , flags] = fields;
  if ('ZXx'.includes(state)) return undefined;
  const numberOf = (field: string | undefined) => Number(field) || 0;
  const has = (flag: number) => (numberOf(flags) & flag) !== 0;
  return {
    comm: text.slice(text.indexOf('(') + 1, end),
    parent: numberOf(parent),
    session: numberOf(session),
    isKernelThread: has(KERNEL_THREAD),
    /** It runs none of its program any more, and loses its executable, its memory and then its files. */
    isEnding: has(ENDING),
    startTicks: numberOf(fields[19]),
  };
}
