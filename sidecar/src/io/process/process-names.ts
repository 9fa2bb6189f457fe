import { posix } from 'node:path';

/** The options of an interpreter that may come before its script. */
interface Interpreter {
  /** Base names, with or without a version: `python`, `python3`, `python3.12`. */
  readonly names: RegExp;
  /** Options that contain the program; then there is no script. */
  readonly inline: RegExp;
  /** Options whose value is the next argument. */
  readonly valued: RegExp;
  /** Options whose next argument is the name of the program. */
  readonly named?: RegExp;
}

/** Characters of an argument that may make it an option. */
const MAX_OPTION = 256;

/** Sources: python(1), node(1), ruby(1), perl(1), php(1), bash(1), java(1). */
const INTERPRETERS: readonly Interpreter[] = [
  {
    names: /^(?:python|pypy)[\d.]*$/,
    inline: /^-[A-Za-z]*c/,
    valued: /^(?:-[A-Za-z]*[WX]|--check-hash-based-pycs)$/,
    named: /^-[A-Za-z]*m$/,
  },
  {
    names: /^node(?:js)?[\d.]*$/,
    inline: /^(?:-e|-p|-pe|--eval|--print)$/,
    valued:
      /^(?:-r|--require|--import|--loader|--experimental-loader|-C|--conditions|--env-file|--env-file-if-exists|--title|--input-type)$/,
  },
  { names: /^(?:ruby|perl)[\d.]*$/, inline: /^-[a-z]*[eE]$/, valued: /^-[rICE]$/ },
  { names: /^php[\d.]*$/, inline: /^-r$/, valued: /^-[cdz]$/, named: /^(?:-f|--file)$/ },
  {
    names: /^(?:ba|da|a|k|mk|z)?sh$/,
    inline: /^-[A-Za-z]*c[A-Za-z]*$/,
    valued: /^(?:[-+][A-Za-z]*[oO]|--rcfile|--init-file)$/,
  },
  {
    names: /^java$/,
    inline: /^$/,
    valued:
      /^(?:-cp|-classpath|--class-path|-p|--module-path|--add-modules|--add-opens|--add-exports|--add-reads)$/,
    named: /^(?:-jar|-m|--module)$/,
  },
];

/**
 * The names that select a process, most specific first. Never `comm`, which is cut at 15 characters
 * and which Node sets to `node-MainThread`.
 *
 * - The base name of its first argument, without the dash of a login shell: `/usr/sbin/haproxy -W` is
 *   `haproxy`.
 * - The script that an interpreter runs: `python3 /usr/local/bin/gunicorn app:app` is `gunicorn` and
 *   `python3`, `python3 -m uvicorn` is `uvicorn`, `java -jar /srv/app.jar` is `app.jar`.
 * - A program that has set its title: `nginx: master process …` is `nginx`, and a title without a
 *   colon counts by its first word: `redis-server *:6379` is `redis-server`.
 * - The base name of the executable, if it is readable.
 */
export function namesOf(argv: readonly string[], executable?: string): readonly string[] {
  const [first = '', ...rest] = argv;
  const program = programOf(first, rest.length === 0);
  const paths = [scriptOf(program, rest), program, executable?.replace(/ \(deleted\)$/, '')];
  const names = paths.map((path = '') => posix.basename(path));
  return [...new Set(names)].filter((name) => name !== '');
}

/** A title has a colon after the name, or is a single argument of several words. */
function programOf(first: string, isAlone: boolean): string {
  const titled = /^([^\s:]+):(?:\s|$)/.exec(first)?.[1];
  const word = titled ?? (isAlone ? /^\S+/.exec(first)?.[0] : undefined) ?? first;
  return posix.basename(word).replace(/^-/, '');
}

function scriptOf(program: string, args: readonly string[]): string | undefined {
  const interpreter = INTERPRETERS.find(({ names }) => names.test(program));
  if (interpreter === undefined) return undefined;
  const { inline, valued, named } = interpreter;
  for (let index = 0; index < args.length; index++) {
    const arg = args[index] ?? '';
    // Options are short. An expression could take minutes on what a hostile process calls itself.
    const option = arg.slice(0, MAX_OPTION);
    if (named?.test(option)) return args[index + 1];
    if (inline.test(option)) return undefined;
    if (arg === '--') return args[index + 1];
    if (valued.test(option)) index += 1;
    else if (!/^[-+]./.test(arg)) return arg === '-' ? undefined : arg;
  }
  return undefined;
}
