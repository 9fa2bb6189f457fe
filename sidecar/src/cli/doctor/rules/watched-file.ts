// As `util.parseArgs`: a named import of it would load the code at the start of the sidecar too.
import util from 'node:util';
import { quote } from '@lastgood/core/model/quote.ts';
import { itemsAt, textAt } from '../../manifests/objects.ts';
import type { Container } from '../../manifests/pods.ts';
import { scriptOf } from '../reloaders.ts';
import type { Rule } from '../rule.ts';

export const watchedFile: Rule = {
  code: 'LG_DOCTOR_WATCHED_FILE',
  severity: 'error',
  why: `The kubelet never writes into a file of a mounted ConfigMap or Secret: it makes a new directory, and renames a
link, \`..data\`, in the directory of the mount. \`inotifywait\` follows the links to the old file, which gets no event
such as \`modify\`, and is then deleted. With \`--monitor\`, the watch ends with the file. Not reported: \`inotifywait\` in a
loop without \`-e\`, or with \`delete_self\` or \`attrib\`, and \`tail -F\` and \`entr\`, which notice that a file was replaced;
any command with a timeout.`,
  check: ({ pods }) =>
    pods.flatMap(({ object, containers }) =>
      containers.flatMap((container) =>
        container.words.flatMap(({ text, at }) => {
          const isScript = !/^(?:.*\/)?inotifywait$/.test(text);
          return commandsIn(isScript ? text : scriptOf(container)).flatMap((command) => {
            const offset = isScript ? command.offset : undefined;
            return deafWatches(container, command).map((args) => {
              return { object, at, offset, args: [quote(container.name), ...args] };
            });
          });
        }),
      ),
    ),
};

/** A command line of inotifywait. */
interface Command {
  /** Where it begins in its script. */
  readonly offset: number;
  readonly paths: readonly string[];
  /** Empty: all. */
  readonly events: readonly string[];
  readonly isMonitor: boolean;
}

const COMMAND = /\binotifywait\s((?:\\\n|[^\n;|&)])*)/g;

const text = { type: 'string' } as const;
const flag = { type: 'boolean' } as const;

/** Source: inotify-tools, inotifywait(1). */
const OPTIONS = {
  event: { ...text, short: 'e', multiple: true },
  timeout: { ...text, short: 't' },
  outfile: { ...text, short: 'o' },
  format: text,
  timefmt: text,
  fromfile: text,
  exclude: text,
  excludei: text,
  include: text,
  includei: text,
  monitor: { ...flag, short: 'm' },
  daemon: { ...flag, short: 'd' },
  recursive: { ...flag, short: 'r' },
} as const;

function commandsIn(script: string): readonly Command[] {
  const withoutComments = script.replaceAll(/^[ \t]*#.*$/gm, (line) => ' '.repeat(line.length));
  return [...withoutComments.matchAll(COMMAND)].flatMap(({ index: offset, 1: rest = '' }) => {
    const words = rest.match(/"[^"]*"|'[^']*'|[^\s\\]+/g) ?? [];
    const args = words.map((word) => word.replaceAll(/^["']|["']$/g, ''));
    const read = util.parseArgs({ args, options: OPTIONS, strict: false, allowPositionals: true });
    const { event = [], timeout, monitor, daemon, recursive } = read.values;
    // With a timeout it looks at the files in any case, and with -r at new directories.
    if (timeout !== undefined || recursive !== undefined) return [];
    const events = event.flatMap((each) => String(each).toLowerCase().split(','));
    const isMonitor = (monitor ?? daemon) !== undefined;
    return { offset, paths: read.positionals, events, isMonitor };
  });
}

/** Events that the kubelet never causes on a file that it replaces. */
const NEVER_ON_FILE = [
  'modify',
  'close_write',
  'create',
  'delete',
  'move',
  'moved_to',
  'moved_from',
  'move_self',
];

/** The same for the directory of the mount, in which it makes and renames links and directories. */
const NEVER_ON_DIRECTORY = ['modify', 'close_write', 'attrib', 'move_self', 'delete_self'];

const ONCE = 'sees only the first change';
const NEVER = 'never sees a change';

/** Paths of a command that miss changes, and how. */
function deafWatches(container: Container, command: Command): readonly (readonly string[])[] {
  const { paths, events, isMonitor } = command;
  const isAllOf = (never: readonly string[]) =>
    events.length > 0 && events.every((event) => never.includes(event));
  return paths.flatMap((path) => {
    const kind = kindOfPath(container, path.replace(/(?<=.)\/+$/, ''));
    if (kind === undefined) return [];
    if (isAllOf(kind === 'file' ? NEVER_ON_FILE : NEVER_ON_DIRECTORY)) return [[path, NEVER]];
    return kind === 'file' && isMonitor ? [[path, ONCE]] : [];
  });
}

/** What the kubelet updates at a path: a file of a volume, or its directory. */
function kindOfPath({ pod, mounts }: Container, path: string): 'file' | 'directory' | undefined {
  const updated = pod.volumes.filter(({ value }) =>
    ['configMap', 'secret', 'projected', 'downwardAPI'].some((key) => key in value),
  );
  for (const { volume, mountPath, subPathAt } of mounts) {
    const found = updated.find(({ name }) => name === volume);
    const directory = mountPath.replace(/\/+$/, '');
    if (found === undefined || subPathAt !== undefined) continue;
    if (path === directory) return 'directory';
    const name = path.startsWith(`${directory}/`) ? path.slice(directory.length + 1) : '..data';
    // A directory of `items`, or `..data` itself.
    const isDirectory =
      name.startsWith('..') || itemPaths(found.value).some((each) => each.startsWith(`${name}/`));
    if (!isDirectory) return 'file';
  }
  return undefined;
}

/** The paths that a volume gives to its keys. */
function itemPaths(value: unknown): readonly string[] {
  const sources = [value, ...itemsAt(value, ['projected', 'sources']).map((each) => each.value)];
  return sources.flatMap((source) =>
    ['configMap', 'secret', 'downwardAPI'].flatMap((kind) =>
      itemsAt(source, [kind, 'items']).flatMap((item) => textAt(item.value, ['path']) ?? []),
    ),
  );
}
