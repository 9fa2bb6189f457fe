/**
 * The pages of docs/api, made from the docstrings of the SDK's declarations. `--write` updates them.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { writeDeclarations } from '../../sdk/build/declarations.ts';
import { ENTRIES, SDK } from '../../sdk/build/manifest.ts';
import { type Declared, type Docstring, readDeclared, readEntry } from './declarations.ts';
import { ROOT } from './repository.ts';

const PAGES = join(ROOT, 'docs/api');
const BIOME = join(ROOT, 'node_modules/@biomejs/biome/bin/biome');
/** Between the declarations of a page, which are formatted together. */
const NEXT = '// next\n';

/** What one entry exports. */
export interface Entry {
  /** `@lastgood/sdk/testing`. */
  readonly name: string;
  /** `testing.md`. */
  readonly page: string;
  readonly doc: Docstring | undefined;
  /** Functions and classes, then types, by name. */
  readonly declared: readonly Declared[];
}

export interface Page {
  readonly path: string;
  readonly actual: string;
  readonly expected: string;
}

/** All entries of the SDK, from the declarations that the package has. */
export async function readEntries(): Promise<readonly Entry[]> {
  const dir = mkdtempSync(join(tmpdir(), 'lastgood-api-'));
  try {
    await writeDeclarations(
      ENTRIES.map(([, source]) => join(SDK, source)),
      dir,
    );
    const entries = ENTRIES.map(([path, source]) => {
      const file = join(dir, 'sdk', source.replace(/\.ts$/, '.d.ts'));
      return { path, file, ...readEntry(file) };
    });
    const names = new Set(entries.flatMap((entry) => entry.names));
    return entries.map(({ path, file, doc, names: own }) => ({
      name: join('@lastgood/sdk', path),
      page: `${basename(join('sdk', path))}.md`,
      doc,
      declared: own.map((name) => readDeclared(file, name, (each) => names.has(each))).sort(byName),
    }));
  } finally {
    rmSync(dir, { recursive: true });
  }
}

function byName(a: Declared, b: Declared): number {
  return Number(a.isType) - Number(b.isType) || a.name.localeCompare(b.name, 'en');
}

/** Each page as it is, and as it should be. */
export function apiPages(entries: readonly Entry[]): readonly Page[] {
  const places = new Map(entries.flatMap(({ page, declared }) => anchorsOf(page, declared)));
  return entries.map((entry) => {
    const path = join(PAGES, entry.page);
    const actual = existsSync(path) ? readFileSync(path, 'utf8') : '';
    return { path, actual, expected: pageOf(entry, new Links(places, entry.page)) };
  });
}

/** `secret` and `Secret` have the same anchor, to which GitHub appends a number. */
function anchorsOf(page: string, declared: readonly Declared[]): readonly [string, string][] {
  const used = new Map<string, number>();
  return declared.map(({ name }) => {
    const anchor = name.toLowerCase();
    const times = used.get(anchor) ?? 0;
    used.set(anchor, times + 1);
    return [name, `${page}#${anchor}${times === 0 ? '' : `-${times}`}`];
  });
}

/** Links to symbols, as one page has them. */
class Links {
  readonly #places: ReadonlyMap<string, string>;
  readonly #page: string;

  constructor(places: ReadonlyMap<string, string>, page: string) {
    this.#places = places;
    this.#page = page;
  }

  to(name: string): string {
    const place = this.#places.get(name);
    if (place === undefined) return `\`${name}\``;
    return `[\`${name}\`](${place.startsWith(`${this.#page}#`) ? place.slice(this.#page.length) : place})`;
  }

  /** The public types that a declaration names, except itself. */
  toTypesOf({ name, code }: Declared): string {
    const words = new Set(code.match(/\b[A-Z]\w*/g));
    const named = [...this.#places.keys()].filter((each) => each !== name && words.has(each));
    return named.length === 0 ? '' : `Types: ${named.map((each) => this.to(each)).join(', ')}\n\n`;
  }

  /** Text of a docstring as Markdown. Readers of an app's code do not know the promises by number. */
  in(text: string): string {
    return text
      .replaceAll(/ \(P\d+\)/g, '')
      .replaceAll(/\{@link (\w+)\}/g, (_all, name: string) => this.to(name))
      .replaceAll(/\bdocs\/([\w-]+\.md)(#[\w-]+)?/g, '[$1](../$1$2)');
  }
}

function pageOf({ name, doc, declared }: Entry, links: Links): string {
  const codes = format(declared.map(({ code }) => code));
  const sections = declared.map((each, index) => sectionOf(each, codes[index] ?? '', links));
  const rows = declared.map((each) => `| ${links.to(each.name)} | ${firstOf(each, links)} |\n`);
  return `# ${name}

<!-- from the docstrings: node test/docs/api-pages.ts --write -->

${links.in(doc?.text ?? '')}

| export | |
| --- | --- |
${rows.join('')}
${sections.join('\n')}`;
}

function firstOf({ doc }: Declared, links: Links): string {
  const [, first = ''] = /^(.*?[.:])(?:\s|$)/s.exec(doc?.text ?? '') ?? [];
  return inCell(links.in(first.replace(/:$/, '')));
}

function sectionOf(declared: Declared, code: string, links: Links): string {
  const { name, doc, members } = declared;
  const rows = members.map(
    (member) => `| \`${inCell(member.title)}\` | ${inCell(links.in(member.doc?.text ?? ''))} |\n`,
  );
  const table = rows.length === 0 ? '' : `| member | |\n| --- | --- |\n${rows.join('')}\n`;
  const examples = [declared, ...members].flatMap((each) =>
    (each.doc?.examples ?? []).map((example) => exampleOf(each.name, example, links)),
  );
  const section = `## ${name}

${links.in(doc?.text ?? '')}

\`\`\`ts
${code}\`\`\`

${table}${links.toTypesOf(declared)}${examples.join('')}`;
  return `${section.trim()}\n`;
}

/** An example that imports nothing goes on from the one of `connect`. */
function exampleOf(name: string, example: string, links: Links): string {
  const from = example.includes('import ') ? '' : `, with the \`config\` of ${links.to('connect')}`;
  return `Example of \`${name}\`${from}:\n\n${example}\n\n`;
}

function inCell(text: string): string {
  return text.replaceAll(/\s+/g, ' ').replaceAll('|', '\\|');
}

/** Code as the linter formats it, all at once. */
function format(codes: readonly string[]): readonly string[] {
  const args = [BIOME, 'format', '--stdin-file-path=api.d.ts'];
  const input = codes.join(`\n\n${NEXT}`);
  const formatted = execFileSync(process.execPath, args, { cwd: ROOT, input, encoding: 'utf8' });
  return formatted.split(NEXT).map((code) => `${code.trim()}\n`);
}

if (process.argv.includes('--write'))
  for (const { path, expected } of apiPages(await readEntries())) writeFileSync(path, expected);
