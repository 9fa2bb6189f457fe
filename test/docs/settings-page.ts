/**
 * The part of docs/settings.md that is generated from the schema. `--write` updates the page.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { settingsJsonSchema } from '../../sidecar/src/settings/json-schema.ts';

const PAGE = join(import.meta.dirname, '../../docs/settings.md');
/** What comes before it is written by hand. */
const MARK = '<!-- from here on: node test/docs/settings-page.ts --write -->\n';

interface Node {
  readonly description?: string;
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, Node>>;
  readonly required?: readonly string[];
  readonly items?: Node;
  readonly anyOf?: readonly Node[];
}

/** Mappings with their own table; mappings below those become dotted keys of that table. */
const TABLES = [
  '',
  'bundles[]',
  'bundles[].volumes[]',
  'bundles[].validate[]',
  'bundles[].prepare[].webhook',
  'bundles[].targets[].webhook',
  'bundles[].targets[].signal',
  'bundles[].targets[].restart',
  'bundles[].targets[].exec',
  'bundles[].targets[].socket',
  'bundles[].targets[].subscribers',
  'bundles[].confirm',
];

/** The page as it is, and as it should be. */
export function settingsPage(): { readonly actual: string; readonly expected: string } {
  const actual = readFileSync(PAGE, 'utf8');
  const [byHand = ''] = actual.split(MARK);
  const schema = settingsJsonSchema() as Node;
  const tables = TABLES.map((path) => tableOf(path, at(schema, path)));
  return { actual, expected: `${byHand}${MARK}\n${tables.join('\n')}` };
}

function at(schema: Node, path: string): Node {
  let node = schema;
  for (const part of path.split('.').filter(Boolean)) {
    const list = part.endsWith('[]');
    const inner = node.properties?.[list ? part.slice(0, -2) : part];
    node = (list ? inner?.items : inner) ?? {};
  }
  return node;
}

function tableOf(path: string, node: Node): string {
  const title = path === '' ? 'The file' : `\`${path}\``;
  return `## ${title}

| key | default | description |
| --- | --- | --- |
${rowsOf(node, path, '').join('')}`;
}

/** The keys of a preset are in docs/presets.md. */
function rowsOf({ properties = {}, required = [] }: Node, path: string, prefix: string): string[] {
  return Object.entries(properties).flatMap(([key, node]) => {
    const [inner = node] = [node, ...(node.anyOf ?? [])].filter((each) => each.properties);
    const place = [path, key].filter(Boolean).join('.');
    const isElsewhere = TABLES.some((table) => table.startsWith(place)) || key === 'preset';
    const below = isElsewhere ? [] : rowsOf(inner, place, `${prefix}${key}.`);
    const entry = node.items?.properties === undefined ? node : node.items;
    const entries = entry === node || isElsewhere ? [] : rowsOf(entry, place, `${prefix}${key}[].`);
    const fallback = required.includes(key) ? 'required' : defaultOf(node);
    const row = `| \`${prefix}${key}\` | ${fallback} | ${escaped(node.description ?? '')} |\n`;
    return [row, ...below, ...entries];
  });
}

function defaultOf({ default: fallback }: Node): string {
  const isEmpty = typeof fallback === 'object' && JSON.stringify(fallback).length <= 2;
  if (fallback === undefined || isEmpty) return '';
  return `\`${escaped(typeof fallback === 'string' ? fallback : JSON.stringify(fallback))}\``;
}

function escaped(text: string): string {
  return text.replaceAll('|', '\\|');
}

if (process.argv.includes('--write')) writeFileSync(PAGE, settingsPage().expected);
