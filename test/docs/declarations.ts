/**
 * Reads the declarations of a package: the exports of an entry, with docstrings and members. Tools that make pages of
 * them, such as typedoc, need the compiler as a JavaScript library, which TypeScript 7 is not.
 */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  type Class,
  type ClassElement,
  type Comment,
  parseSync,
  type Statement,
  type TSInterfaceDeclaration,
  type TSSignature,
} from 'oxc-parser';

/** A docstring: its text, and the content of each `@example`. */
export interface Docstring {
  readonly text: string;
  readonly examples: readonly string[];
  /** For lastgood's own use, though an app could reach it. */
  readonly isInternal: boolean;
}

export interface Member {
  readonly name: string;
  /** `onChange(listener, options?)`. */
  readonly title: string;
  readonly doc: Docstring | undefined;
  /** Without comments. */
  readonly code: string;
}

export interface Declared {
  readonly name: string;
  readonly isType: boolean;
  readonly doc: Docstring | undefined;
  /** Of an interface or class, with those of bases that the package does not export. */
  readonly members: readonly Member[];
  /** Without comments, and not formatted. Types that the package does not export follow those that use them. */
  readonly code: string;
}

/** One file of declarations. */
interface Module {
  readonly path: string;
  readonly text: string;
  readonly body: readonly Statement[];
  readonly comments: readonly Comment[];
}

interface Found {
  readonly module: Module;
  /** With `export`, as docstrings are before that. */
  readonly statement: Statement;
  readonly declaration: Statement;
}

interface Span {
  readonly start: number;
  readonly end: number;
}

type Classlike = TSInterfaceDeclaration | Class;

function load(path: string): Module {
  const text = readFileSync(path, 'utf8');
  const { program, comments, errors } = parseSync(path, text);
  if (errors[0] !== undefined) throw new Error(`${path}: ${errors[0].message}`);
  return { path, text, body: program.body, comments };
}

/** The docstring of an entry, and the names that it exports. */
export function readEntry(path: string): {
  readonly doc: Docstring | undefined;
  readonly names: readonly string[];
} {
  const module = load(path);
  const names = module.body.flatMap((statement) =>
    statement.type === 'ExportNamedDeclaration'
      ? statement.specifiers.map(({ exported }) => nameOf(exported))
      : [],
  );
  return { doc: docBefore(module, module.body[0]?.start ?? 0), names };
}

/** What an entry exports under a name. `isPublic`: whether the package exports a name. */
export function readDeclared(
  entry: string,
  name: string,
  isPublic: (name: string) => boolean,
): Declared {
  const found = find(load(entry), name);
  if (found === undefined) throw new Error(`${entry} does not export ${name}`);
  const { module, statement, declaration } = found;
  const shape = shapeOf(found, isPublic);
  return {
    name,
    isType: /^TS(?:Interface|TypeAlias)/.test(declaration.type),
    doc: docBefore(module, statement.start),
    members: shape.members,
    code: [shape.code, ...hiddenTypes(found, shape.code, isPublic)].join('\n\n'),
  };
}

/** The declaration of a name in a module, or in the one that it takes it from. Undefined in a library. */
function find(module: Module, name: string): Found | undefined {
  for (const statement of module.body) {
    const source = sourceOf(statement, name);
    if (source !== undefined)
      return source.path.startsWith('.')
        ? find(load(join(dirname(module.path), source.path.replace(/\.js$/, '.d.ts'))), source.name)
        : undefined;
    const declaration =
      statement.type === 'ExportNamedDeclaration' ? statement.declaration : statement;
    if (declaration && namesIn(declaration).includes(name))
      return { module, statement, declaration };
  }
  return undefined;
}

/** Where an import or a re-export takes a name from. */
function sourceOf(statement: Statement, name: string): { path: string; name: string } | undefined {
  if (statement.type !== 'ExportNamedDeclaration' && statement.type !== 'ImportDeclaration')
    return undefined;
  if (statement.source === null) return undefined;
  for (const specifier of statement.specifiers) {
    const isExport = specifier.type === 'ExportSpecifier';
    if (nameOf(isExport ? specifier.exported : specifier.local) !== name) continue;
    const inner = specifier.type === 'ImportSpecifier' ? specifier.imported : specifier.local;
    return { path: statement.source.value, name: nameOf(inner) };
  }
  return undefined;
}

function nameOf(node: { readonly name: string } | { readonly value: string }): string {
  return 'name' in node ? node.name : node.value;
}

function namesIn(declaration: Statement): readonly string[] {
  if (declaration.type === 'VariableDeclaration')
    return declaration.declarations.map(({ id }) => ('name' in id ? id.name : ''));
  if (!('id' in declaration) || declaration.id === null) return [];
  return 'name' in declaration.id ? [declaration.id.name] : [];
}

/** Code and members. A base that is not public gives its members, and its name is left out. */
function shapeOf(
  found: Found,
  isPublic: (name: string) => boolean,
): Pick<Declared, 'code' | 'members'> {
  const { module, declaration } = found;
  if (declaration.type !== 'TSInterfaceDeclaration' && declaration.type !== 'ClassDeclaration')
    return { code: plainCode(module, declaration), members: [] };
  const base = baseOf(module, declaration);
  const hidden = base && !isPublic(base.name) ? find(module, base.name) : undefined;
  const inherited = hidden === undefined ? undefined : shapeOf(hidden, isPublic);
  const own = declaration.body.body.flatMap((node) => memberOf(module, node));
  const members = new Map(
    [...(inherited?.members ?? []), ...own].map((member) => [member.name, member]),
  );
  let head = plainCode(module, { start: declaration.start, end: declaration.body.start });
  if (inherited !== undefined && base !== undefined) {
    const farther = /extends \S+/.exec(inherited.code.split('{')[0] ?? '')?.[0] ?? '';
    head = head.replace(`extends ${base.code}`, farther);
  }
  const shown = [...members.values()].filter(({ doc }) => doc?.isInternal !== true);
  return { code: `${head} {\n${shown.map(({ code }) => code).join('\n')}\n}`, members: shown };
}

function baseOf(module: Module, node: Classlike): { name: string; code: string } | undefined {
  const base =
    node.type === 'TSInterfaceDeclaration' ? node.extends[0]?.expression : node.superClass;
  if (base?.type !== 'Identifier') return undefined;
  return { name: base.name, code: module.text.slice(base.start, base.end) };
}

function memberOf(module: Module, node: TSSignature | ClassElement): Member[] {
  if (!('key' in node) || node.key.type === 'PrivateIdentifier') return [];
  const key = module.text.slice(node.key.start, node.key.end);
  const name = node.computed ? `[${key}]` : key;
  const parameters =
    node.type === 'TSMethodSignature'
      ? node.params
      : node.type === 'MethodDefinition'
        ? node.value.params
        : undefined;
  const titles = parameters?.map((parameter) =>
    titleOf(module.text.slice(parameter.start, parameter.end)),
  );
  return [
    {
      name,
      title: titles === undefined ? name : `${name}(${titles.join(', ')})`,
      doc: docBefore(module, node.start),
      code: plainCode(module, node),
    },
  ];
}

/** `options?: { … }` is `options?`; a pattern has no name, and is of options. */
function titleOf(parameter: string): string {
  return /^(?:\.\.\.)?\w+\??/.exec(parameter)?.[0] ?? 'options';
}

/** Code without comments, and without `export declare`. */
function plainCode({ text, comments }: Module, { start, end }: Span): string {
  let code = '';
  let from = start;
  for (const comment of comments) {
    if (comment.start < from || comment.end > end) continue;
    code += text.slice(from, comment.start);
    from = comment.end;
  }
  return `${code}${text.slice(from, end)}`
    .replace(/^declare /, '')
    .replaceAll(/\n\s*\n/g, '\n')
    .trim();
}

/** The declarations of types that code names and that have no page, and of those that they name. */
function hiddenTypes(
  { module, declaration }: Found,
  code: string,
  isPublic: (name: string) => boolean,
): string[] {
  const seen = new Set<string>(namesIn(declaration));
  const hidden: string[] = [];
  const open = [{ module, code }];
  for (let next = open.pop(); next !== undefined; next = open.pop())
    for (const [name] of next.code.matchAll(/(?<![.\w'"])[A-Z]\w*/g)) {
      if (seen.has(name) || isPublic(name)) continue;
      seen.add(name);
      const found = find(next.module, name);
      if (found === undefined || found.module.path.endsWith('standard-schema.d.ts')) continue;
      const inner = plainCode(found.module, found.declaration);
      // A table of many entries, of which only the keys are of use.
      if (/^const \w+: \{/.test(inner)) continue;
      hidden.push(inner);
      open.push({ module: found.module, code: inner });
    }
  return hidden;
}

/** The docstring right before a position. */
function docBefore({ text, comments }: Module, start: number): Docstring | undefined {
  const comment = comments.findLast(({ end }) => end <= start);
  if (!comment?.value.startsWith('*') || text.slice(comment.end, start).trim() !== '')
    return undefined;
  const lines = comment.value
    .slice(1)
    .split('\n')
    .map((line) => line.replace(/^\s*(?:\* ?)?/, ''));
  const [plain = '', ...tags] = lines.join('\n').split(/^@(?=\w)/m);
  return {
    text: plain.trim(),
    examples: tags.filter((tag) => tag.startsWith('example')).map((tag) => tag.slice(7).trim()),
    isInternal: tags.some((tag) => tag.startsWith('internal')),
  };
}
