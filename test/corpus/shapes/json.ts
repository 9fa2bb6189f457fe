import type { Random } from '../../rollout/random.ts';
import { below, mappingOf, type Tree, textOf } from './words.ts';

/** Files as of npm, TypeScript, VS Code and services, with what those that allow comments contain. */
export function jsonFile(random: Random): string {
  const tree: Tree = random.chance(0.4)
    ? mappingOf(random)
    : {
        name: textOf(random),
        version: '1.2.3',
        scripts: { build: 'tsc -p .', test: 'node --test "src/**/*.ts"' },
        compilerOptions: { strict: true, lib: ['es2022'], paths: { '@/*': ['./src/*'] } },
        limits: { memory: below(random, 1000) / 10, ids: [2 ** 53] },
        extra: mappingOf(random, 3),
      };
  const isLoose = random.chance(0.3);
  const text = write(random, tree, random.pick(['', '  ', '\t', '    ']), '', isLoose);
  const head = isLoose ? random.pick(['// settings\n', '/* generated\n */\n', '', '\n']) : '';
  return head + text + random.pick(['', '\n', '\n\n', isLoose ? ' // end' : '']);
}

function write(random: Random, tree: Tree, step: string, indent: string, isLoose: boolean): string {
  if (typeof tree !== 'object' || tree === null) return scalar(random, tree, isLoose);
  const deeper = indent + step;
  const isList = Array.isArray(tree);
  const parts = Object.entries(tree).map(([key, value]) => {
    const written = write(random, value, step, deeper, isLoose);
    return isList ? written : `${JSON.stringify(key)}${random.pick([':', ': ', ' : '])}${written}`;
  });
  const [open, close] = isList ? '[]' : '{}';
  if (parts.length === 0) return `${open}${close}`;
  const line = step === '' ? '' : `\n${deeper}`;
  const loosely = (text: string) => (isLoose && random.chance(0.15) ? text : '');
  const entries = parts.map((part) => `${loosely(' /* c */ ')}${part}`);
  const comma = `,${loosely(' // why\n')}${line}`;
  return `${open}${line}${entries.join(comma)}${loosely(',')}${step === '' ? '' : `\n${indent}`}${close}`;
}

function scalar(random: Random, value: string | number | boolean | null, isLoose: boolean): string {
  if (isLoose && random.chance(0.02))
    return random.pick(['NaN', 'Infinity', '-Infinity', "'x'", '.5']);
  const text = JSON.stringify(value);
  return random.chance(0.1) ? text.replaceAll('/', '\\/').replaceAll('e', '\\u0065') : text;
}

/** A file of JSON5, or of JSON, which is JSON5 too. */
export function json5File(random: Random): string {
  const text = jsonFile(random);
  if (random.chance(0.3)) return text;
  return text.replaceAll(/"([a-z]+)"(?= ?:)/g, (quoted, key) =>
    random.chance(0.5) ? key : quoted,
  );
}

/** A pull secret. */
export function dockerConfigFile(random: Random): string {
  const login = random.pick([
    'robot:secret',
    'robot:',
    ':secret',
    'robot',
    'a:b:c',
    'robot:secret\n',
  ]);
  const auth = Buffer.from(login).toString('base64');
  const entries: readonly Tree[] = [
    { auth },
    { username: 'robot', password: 'secret', auth },
    { username: 'robot', password: 'secret', email: 'a@example.com' },
    {},
    { auth: auth.replaceAll('=', '') },
    { auth: '' },
    { identitytoken: 'x' },
    { auth: 'no base64!' },
  ];
  const auths = {
    'ghcr.io': random.pick(entries),
    'https://index.docker.io/v1/': random.pick(entries),
  };
  const rest = random.pick<Tree>([
    {},
    { credsStore: 'desktop' },
    { HttpHeaders: { 'User-Agent': 'x' } },
  ]);
  return JSON.stringify({ auths, ...(rest as object) }, null, random.pick([0, 2, 4]));
}
