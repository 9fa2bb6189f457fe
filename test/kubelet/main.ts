/** The kubelet's stand-in as a command: `npm run kubelet -- --help`. */
import { type Output, projectOnChange, projectOnce } from './command.ts';
import { type Flags, HELP, readFlags, UsageError } from './flags.ts';

const OUTPUT: Output = {
  say: (line) => process.stdout.write(`${line}\n`),
  complain: (line) => process.stderr.write(`${line}\n`),
};

async function run(args: readonly string[]): Promise<number> {
  const flags = usable(args);
  if (typeof flags === 'number') return flags;
  if (flags.once) return (await projectOnce(flags, OUTPUT)) ? 0 : 1;
  const stop = new AbortController();
  // Once: a second signal ends the process at once, whatever is under way.
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => stop.abort());
  await projectOnChange(flags, OUTPUT, stop.signal);
  return 0;
}

/** The flags, or the exit code where there is nothing to do. */
function usable(args: readonly string[]): Flags | number {
  try {
    const flags = readFlags(args);
    if (flags !== 'help') return flags;
    process.stdout.write(HELP);
    return 0;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    OUTPUT.complain(`${error.message}; see --help`);
    return 2;
  }
}

process.exitCode = await run(process.argv.slice(2));
