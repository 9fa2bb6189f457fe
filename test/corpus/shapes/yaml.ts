import type { Random } from '../../rollout/random.ts';
import { below, mappingOf, type Tree, textOf, times, treeOf } from './words.ts';

/** Files as of Helm, Kubernetes, CI and Compose, in the many ways in which people write YAML. */
export function yamlFile(random: Random): string {
  const writer = new YamlWriter(random);
  const count = random.chance(0.7) ? 1 : 1 + below(random, 3);
  const documents = Array.from({ length: count }, () => writer.document(rootOf(random)));
  const head = random.pick([
    '',
    '',
    '',
    '# values\n',
    '---\n',
    '%YAML 1.2\n---\n',
    '\n\n',
    '--- # x\n',
  ]);
  const separator = random.pick([
    '---\n',
    '---\n',
    '--- \n',
    '...\n---\n',
    '---\n# next\n',
    '---\n---\n',
  ]);
  return (
    head +
    documents.join(separator) +
    random.pick(['', '', '', '\n', '...\n', '---\n', '# end', '   '])
  );
}

function rootOf(random: Random): Tree {
  const kinds: readonly (() => Tree)[] = [
    () => mappingOf(random),
    () => manifestOf(random),
    () => workflowOf(random),
    () => composeOf(random),
    () => times(random, 4, () => treeOf(random, 3)),
  ];
  return random.pick(kinds)();
}

function manifestOf(random: Random): Tree {
  const metadata = {
    name: textOf(random),
    labels: { app: 'web', 'app.kubernetes.io/name': 'web' },
  };
  const kind = random.pick(['ConfigMap', 'Deployment', 'Secret', 'Ingress']);
  const body = {
    data: { 'app.conf': 'a = 1\nb = 2\n', KEY: textOf(random) },
    spec: treeOf(random),
  };
  return { apiVersion: 'v1', kind, metadata, ...body };
}

function workflowOf(random: Random): Tree {
  const run = random.pick([
    'npm ci\nnpm test\n',
    'make',
    'echo "::set"\n',
    'if [ -f x ]; then\n  y\nfi\n',
  ]);
  const steps = [
    { uses: 'actions/checkout@v4' },
    { name: textOf(random), run, with: treeOf(random, 2) },
  ];
  return { on: { push: { branches: ['main', 'release/**'] } }, jobs: { test: { steps } } };
}

function composeOf(random: Random): Tree {
  const web = {
    image: textOf(random),
    ports: ['80:80', '6443:6443'],
    environment: treeOf(random, 2),
  };
  return { services: { web, db: { command: ['--a', textOf(random)] } }, volumes: { data: null } };
}

/** Writes a value in one of the ways that mean it, and sometimes in one that only nearly does. */
class YamlWriter {
  readonly #random: Random;
  readonly #step: number;
  #anchors = 0;

  constructor(random: Random) {
    this.#random = random;
    this.#step = random.pick([2, 2, 2, 4, 3, 1]);
  }

  document(tree: Tree): string {
    this.#anchors = 0;
    if (typeof tree === 'object' && tree !== null && Object.keys(tree).length > 0)
      return this.#block(tree, '');
    return `${this.#inline(tree, '', 0)}\n`;
  }

  /** The lines of a collection, each with its line end. */
  #block(tree: object, indent: string): string {
    const lines = Array.isArray(tree)
      ? tree.map((item) => this.#item(item, indent))
      : Object.entries(tree).map(([key, value]) => this.#entry(key, value, indent));
    return lines.map((line) => this.#between(indent) + line).join('');
  }

  #between(indent: string): string {
    if (!this.#random.chance(0.08)) return '';
    return this.#random.pick([
      '\n',
      `${indent}# note\n`,
      '# note\n',
      '   \n',
      `${indent}  # deeper\n`,
    ]);
  }

  #entry(key: string, value: Tree, indent: string): string {
    const written = this.#key(key);
    const colon = this.#random.pick([':', ':', ':', ':', ' :']);
    if (isCollection(value) && this.#random.chance(0.75)) {
      // A list may have the indent of its key.
      const deeper =
        Array.isArray(value) && this.#random.chance(0.4) ? indent : this.#deeper(indent);
      return `${indent}${written}${colon}${this.#properties()}${this.#comment()}\n${this.#block(value, deeper)}`;
    }
    const inline = this.#inline(value, indent, written.length);
    return `${indent}${written}${colon}${inline === '' ? '' : this.#space()}${inline}\n`;
  }

  #item(value: Tree, indent: string): string {
    if (isCollection(value) && this.#random.chance(0.7)) {
      const block = this.#block(value, `${indent}  `);
      const compact = block.startsWith(`${indent}  `) && !block.startsWith(`${indent}   `);
      if (compact && this.#random.chance(0.8))
        return `${indent}- ${block.slice(indent.length + 2)}`;
      return `${indent}-${this.#properties()}${this.#comment()}\n${block}`;
    }
    return `${indent}- ${this.#inline(value, indent, 1)}\n`;
  }

  #deeper(indent: string): string {
    return indent + ' '.repeat(this.#step);
  }

  #space(): string {
    return this.#random.pick([' ', ' ', ' ', ' ', '  ', '\t', ' \t']);
  }

  #comment(): string {
    return this.#random.pick(['', '', '', '', ' ', ' # why', '\t# tab', '   # far']);
  }

  /** An anchor or a tag, now and then. */
  #properties(): string {
    if (this.#random.chance(0.9)) return '';
    this.#anchors += 1;
    return this.#random.pick([
      ` &a${this.#anchors}`,
      ' !custom',
      ' !!map',
      ` &b-${this.#anchors} `,
    ]);
  }

  #key(key: string): string {
    if (this.#random.chance(0.02))
      return this.#random.pick(['? a', '<<', '!x k', '&k k', '*a1 ', '[a]', '""']);
    if (!this.#random.chance(0.1)) return key;
    return this.#random.pick([JSON.stringify(key), `'${key}'`, `"${key}" `]);
  }

  #inline(value: Tree, indent: string, width: number): string {
    if (isCollection(value)) return this.#flow(value, indent) + this.#comment();
    if (typeof value !== 'string') {
      const odd = this.#random.pick([
        '',
        'Null',
        'TRUE',
        'No',
        '.inf',
        '0x1F',
        '+1',
        '1.',
        '0b1',
        '.NaN',
      ]);
      return this.#random.chance(0.1) ? odd : `${value}${this.#comment()}`;
    }
    if (this.#random.chance(0.05))
      return this.#random.pick(['*a1', '!secret x', '!Ref B', '!!str 1', '&x 1', '!env']);
    return this.#text(value, indent, width);
  }

  #text(value: string, indent: string, width: number): string {
    const deeper = this.#deeper(indent);
    const styles: readonly (() => string)[] = [
      () => JSON.stringify(value),
      () => `'${value.replaceAll("'", "''").replaceAll('\n', `\n\n${deeper}`)}'`,
      () => this.#blockText(value, indent),
      () =>
        `"several words over\n${this.#random.chance(0.5) ? deeper : indent}lines"${this.#comment()}`,
      () => `'several words over\n${this.#random.chance(0.5) ? deeper : indent}lines'`,
      () => `plain words over\n${deeper}lines`,
      () => `"escaped \\\n${deeper}  \\x41 \\u00e9 \\/ \\t"`,
    ];
    const isPlain = /^[\w/.-]+$/.test(value) || (width > 0 && this.#random.chance(0.1));
    if (isPlain && this.#random.chance(0.7)) return value.replaceAll('\n', ' ') + this.#comment();
    return this.#random.pick([...styles.slice(0, 3), ...styles])();
  }

  #blockText(value: string, indent: string): string {
    const mark = this.#random.pick(['|', '|', '|', '>', '|-', '>-', '|+', '|2', '>2-', '|-2']);
    const by = /2/.test(mark) ? '  ' : ' '.repeat(this.#step);
    const lines = value.replace(/\n$/, '').split('\n');
    const blank = this.#random.pick(['', '', '   ', '\n']);
    return `${mark}${this.#comment()}\n${lines.map((line) => (line === '' ? blank : `${indent}${by}${line}`)).join('\n')}`;
  }

  #flow(tree: object, indent: string): string {
    const [open, close] = Array.isArray(tree) ? '[]' : '{}';
    const parts = Array.isArray(tree)
      ? tree.map((item) => this.#inFlow(item, indent))
      : Object.entries(tree).map(([key, item]) => this.#pair(key, item, indent));
    const deeper = this.#deeper(indent);
    const comma = this.#random.pick([
      ', ',
      ',',
      ', ',
      `,\n${deeper}`,
      ` ,\n${deeper}`,
      `, # c\n${deeper}`,
    ]);
    const trailing = this.#random.chance(0.15) && parts.length > 0 ? ',' : '';
    const [before, after] = this.#random.pick([
      ['', ''],
      [' ', ' '],
      [`\n${deeper}`, `\n${indent}`],
      [`\n${deeper}`, `\n${deeper}`],
      [' # c\n  ', '\n  '],
      [`\n${indent}`, `\n${indent}`],
    ]);
    return `${open}${before}${parts.join(comma)}${trailing}${after}${close}`;
  }

  #pair(key: string, item: Tree, indent: string): string {
    const value = this.#inFlow(item, indent);
    const quoted = JSON.stringify(key);
    return this.#random.pick([
      `${key}: ${value}`,
      `${quoted}: ${value}`,
      `${quoted}:${value}`,
      `${key} : ${value}`,
    ]);
  }

  #inFlow(value: Tree, indent: string): string {
    if (isCollection(value)) return this.#flow(value, indent);
    if (typeof value !== 'string') return String(value);
    return /^[\w/.-]+$/.test(value) && this.#random.chance(0.7) ? value : JSON.stringify(value);
  }
}

function isCollection(value: Tree): value is readonly Tree[] | { readonly [key: string]: Tree } {
  return typeof value === 'object' && value !== null;
}
