import type { Random } from '../../rollout/random.ts';
import { below, NAMES, textOf, times } from './words.ts';

/** Files as of Spring and Log4j. */
export function propertiesFile(random: Random): string {
  const lines = times(random, 10, () => {
    const key = random.pick([
      'spring.datasource.url',
      'logging.level.root',
      'my.list[0]',
      'a\\ b',
      'größe',
      'x',
    ]);
    const value = textOf(random).replaceAll('\n', random.pick(['\\n', '\\\n    ', '']));
    const written = random.chance(0.5) ? value.replaceAll('\\', '\\\\') : value;
    return `${random.pick(['', '', '  '])}${key}${below(random, 9)}${random.pick(['=', ' = ', ':', ' ', ': '])}${written}`;
  });
  const odd = times(random, 3, () =>
    random.pick([
      '# c',
      '! c',
      '',
      'alone',
      '=x',
      '#---',
      'u = \\u00e9',
      'path=C:\\users\\x',
      'y=\\',
      'z = a\\',
    ]),
  );
  return mix(random, [...lines, ...odd]);
}

/** Files of variables as of dotenv, Compose, Docker and kubectl. */
export function envFile(random: Random): string {
  const lines = times(random, 8, () => {
    const name = `${random.pick(['', '', '', 'export '])}${random.pick(NAMES).toUpperCase()}${random.pick(['', '_URL', '.x', '-y'])}`;
    return `${name}${random.pick(['=', '=', '=', ' = '])}${envValue(random)}${random.pick(['', '', ' # c', ' '])}`;
  });
  const odd = times(random, 3, () =>
    random.pick([
      '# c',
      '',
      'ALONE',
      '  INDENTED=1',
      'X=',
      "M='two",
      "lines'",
      'J={"a": "b"}',
      '1ST=x',
      'A B=c',
      'Y: 1',
      '=v',
    ]),
  );
  return mix(random, [...lines, ...odd]);
}

function envValue(random: Random): string {
  const text = textOf(random).replaceAll('\n', ' ');
  const kinds = [
    text,
    JSON.stringify(text),
    `'${text.replaceAll("'", '')}'`,
    `"${text.replaceAll('"', '')}\n more"`,
    '$HOME/x',
    '`x`',
  ];
  return random.pick([text, ...kinds]);
}

function mix(random: Random, lines: readonly string[]): string {
  const sorted = lines.map((line) => [random.next(), line] as const).toSorted(([a], [b]) => a - b);
  return sorted.map(([, line]) => line).join('\n') + random.pick(['\n', '\n', '']);
}
