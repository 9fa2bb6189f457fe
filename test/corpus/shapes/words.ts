/** What real configuration files are made of. */
import type { Random } from '../../rollout/random.ts';

export const NAMES: readonly string[] = [
  ...['name', 'image', 'replicas', 'port', 'host', 'timeout', 'enabled', 'env', 'args', 'command'],
  ...[
    'resources',
    'limits',
    'labels',
    'annotations',
    'tolerations',
    'on',
    'version',
    'path',
    'url',
  ],
  ...['log_level', 'max-size', 'batch_size', 'retries', 'users', 'y', 'null', 'password', 'theme'],
];

const TEXTS: readonly string[] = [
  ...['nginx:1.27', 'http://redis:6379/0', '/var/lib/app', '64Mi', '250m', '1.2.3', 'a b  c', ''],
  ...[
    'yes',
    'no',
    'on',
    'null',
    '~',
    '0o17',
    '017',
    '1_000',
    '12:30:00',
    '2026-01-31',
    '1e3',
    '.5',
  ],
  ...["it's", 'say "hi"', 'C:\\temp\\new', '# no comment', 'a: b', '- x', '*.example', '@daily'],
  ...[
    '%h %l %u',
    '`date`',
    '$\u007bHOME}/x',
    '$(VAR)',
    '{{ .Values.x }}',
    'größe',
    '日本',
    '😀',
    'tab\there',
  ],
  ...['a,b;c', 'x=y', '[x]', '{x}', '!x', '&x', '|', '>', '?', 'true', '0', '-1', '*/15 * * * *'],
  ...[
    'two\nlines',
    'end\n',
    '\n  indented\nnot\n',
    'trailing ',
    ' leading',
    'key:',
    ':',
    'a#b',
    'a #b',
  ],
];

/** Values as JSON has them. */
export type Tree =
  | string
  | number
  | boolean
  | null
  | readonly Tree[]
  | { readonly [key: string]: Tree };

export function below(random: Random, count: number): number {
  return Math.floor(random.next() * count);
}

export function times<T>(random: Random, max: number, make: () => T): readonly T[] {
  return Array.from({ length: below(random, max + 1) }, make);
}

export function textOf(random: Random): string {
  return random.chance(0.5) ? random.pick(TEXTS) : `${random.pick(NAMES)}-${below(random, 100)}`;
}

export function scalarOf(random: Random): string | number | boolean | null {
  const kinds = [
    () => textOf(random),
    () => below(random, 70_000),
    () => below(random, 1000) / 100 - 3,
    () => random.pick([true, false]),
    () => null,
    () => random.pick([2 ** 53, 1e21, -0, 1.5e-7, 4_294_967_296]),
  ];
  return random.pick([textOf, textOf, ...kinds])(random);
}

/** A configuration of some levels; the keys of one mapping differ. */
export function treeOf(random: Random, depth = 4): Tree {
  if (depth === 0 || random.chance(0.25)) return scalarOf(random);
  if (random.chance(0.3)) return times(random, 4, () => treeOf(random, depth - 1));
  return mappingOf(random, depth);
}

export function mappingOf(random: Random, depth = 4): { readonly [key: string]: Tree } {
  const count = 1 + below(random, 5);
  const keys = Array.from({ length: count }, () => random.pick(NAMES));
  return Object.fromEntries(keys.map((key) => [key, treeOf(random, depth - 1)]));
}
