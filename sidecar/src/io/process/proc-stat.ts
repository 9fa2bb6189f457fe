/** Ticks of `startTicks` in a second, on every machine that Node runs on. Source: USER_HZ. */
export const TICKS_PER_SECOND = 100;

/**
 * Parses `/proc/<pid>/stat`; undefined for a process that has ended but was not reaped (state Z or X).
 * The second field is the name in parentheses, and may contain spaces and parentheses itself. The
 * start is in clock ticks since the node booted. Source: proc_pid_stat(5), fields 3, 4, 6 and 22.
 */
export function parseStat(text: string) {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [state = '', parent, , session] = fields;
  if ('ZXx'.includes(state)) return undefined;
  return { parent: Number(parent), session: Number(session), startTicks: Number(fields[19]) };
}
