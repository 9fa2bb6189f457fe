import type { Random } from '../../rollout/random.ts';
import { below, NAMES, textOf, times } from './words.ts';

/** Files as of Python's and Rust's packages, and of services. */
export function tomlFile(random: Random): string {
  const top = times(random, 3, () => pair(random));
  const tables = times(random, 5, () => table(random));
  const end = random.pick(['\n', '\n', '', '\n\n', '# end']);
  return random.pick(['', '# top\n', '\n']) + [...top, ...tables].join('\n') + end;
}

function table(random: Random): string {
  const name = random.pick([
    ...['[package]', '[project]', '[tool.ruff.lint]', '[dependencies]', '[ spaced . name ]'],
    ...[
      '[[bin]]',
      '[[tool.x]] # c',
      "[target.'cfg(unix)'.dependencies]",
      '[a."b.c"]',
      '\t[server]',
    ],
    `[t${below(random, 1000)}]`,
    `[t${below(random, 1000)}.deep]`,
  ]);
  return [name, ...times(random, 5, () => pair(random))].join('\n');
}

function pair(random: Random): string {
  const bare = `${random.pick(NAMES)}${below(random, 1000)}`;
  const key = random.pick([
    bare,
    bare,
    bare,
    `"${bare}"`,
    `'${bare}'`,
    `${bare}.x`,
    `${bare} . y`,
    '1234',
  ]);
  const equals = random.pick([' = ', ' = ', '=', '   =\t']);
  return `${random.pick(['', '', '', '  ', '\t'])}${key}${equals}${value(random, 2)}${random.pick(['', '', ' # c', '  '])}`;
}

function value(random: Random, depth: number): string {
  const kinds: readonly (() => string)[] = [
    () => JSON.stringify(textOf(random)),
    () => `'${textOf(random).replaceAll(/['\n]/g, '')}'`,
    () => `"""\n${textOf(random).replaceAll(/["\\]/g, '')}\n"""`,
    () => `'''${textOf(random).replaceAll("'", '')}'''`,
    () =>
      random.pick([
        '1',
        '+1',
        '-0',
        '1_000',
        '0x1F',
        '0o755',
        '0b11',
        '1.5',
        '6.02e23',
        'inf',
        'nan',
        '-inf',
      ]),
    () =>
      random.pick([
        '1979-05-27',
        '07:32:00',
        '07:32',
        '1979-05-27 07:32:00Z',
        '1979-05-27T07:32:00-07:00',
      ]),
    () => `1979-05-27T00:32:00.${'123456789012345'.slice(0, 1 + below(random, 14))}Z`,
    () => `00:32:00.${'9'.repeat(1 + below(random, 14))}`,
    () =>
      random.pick([
        'true',
        'false',
        '9223372036854775807',
        '"\\u00e9 \\t"',
        '"\\e[0m"',
        '"\\x41"',
        '""',
      ]),
  ];
  if (depth > 0 && random.chance(0.3)) return collection(random, depth);
  return random.pick(kinds)();
}

function collection(random: Random, depth: number): string {
  const items = times(random, 4, () => value(random, depth - 1));
  const comma = random.pick([', ', ',', ',\n  ', ', # c\n  ']);
  const trailing = items.length > 0 && random.chance(0.3) ? ',' : '';
  if (random.chance(0.6))
    return `[${random.pick(['', '\n  ', ' '])}${items.join(comma)}${trailing}${random.pick(['', '\n'])}]`;
  return `{ ${items.map((item, index) => `k${index} = ${item}`).join(comma)}${random.chance(0.1) ? ',' : ''} }`;
}
