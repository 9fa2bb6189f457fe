import type { Issue } from '../model/issue.ts';
import type { Document, Parsed } from './format.ts';
import { MISTAKABLE, nameCharacter } from './invisible-characters.ts';
import { createLines } from './lines.ts';
import { offsetOf, type SourceNode } from './source-node.ts';
import { syntaxIssue } from './syntax-issues.ts';

/** In a file of another format, each line is wrong. More issues than are shown, but bounded. */
const MAX_ISSUES = 1000;

/** A text that is accepted, of one document. `readPositions` is called for the first position only. */
export function accepted(text: string, value: unknown, readPositions: () => SourceNode) {
  let root: SourceNode | undefined;
  const positionOf = createLines(text);
  const locate: Document['locate'] = (pointer, part) => {
    root ??= readPositions();
    return positionOf(offsetOf(root, pointer, part));
  };
  return { ok: true, documents: [{ value, locate }] } satisfies Parsed;
}

/**
 * A text that is refused: each issue with its most likely cause.
 *
 * @param hasVariables - references such as `$(…)` are part of the format
 */
export function refused(text: string, issues: readonly Issue[], hasVariables = false): Parsed {
  const conflict = findConflictMarker(text);
  if (conflict !== undefined) return { ok: false, issues: [conflict] };
  // Where each line is wrong by itself, it says nothing of the lines below.
  const templateLine = issues.length === 1 ? TEMPLATE_LINE.exec(text) : null;
  const found = issues.slice(0, MAX_ISSUES);
  const withCause = (issue: Issue): Issue => {
    if (issue.code !== 'LG_VALIDATE_SYNTAX') return issue;
    const line = lineAround(text, issue.at);
    const above = templateLine !== null && templateLine.index < issue.at ? templateLine[0] : '';
    const template = templateIn(line, hasVariables) ?? templateIn(above, true);
    // First, since the messages of the parser about a template mislead.
    const message =
      template === undefined
        ? `${issue.args[0]}${hintFor(line)}`
        : `perhaps a template such as ${template} was not rendered: ${issue.args[0]}`;
    return { ...issue, args: [message] };
  };
  return { ok: false, issues: dedupeErrors(text, found).map(withCause) };
}

/** A text without any value of its format. */
export function refusedAsEmpty(formatName: string): Parsed {
  return { ok: false, issues: [{ code: 'LG_VALIDATE_EMPTY', args: [formatName], at: 0 }] };
}

/** After a syntax error, the parser mostly stumbles over the rest of the same line. */
function dedupeErrors(text: string, issues: readonly Issue[]): readonly Issue[] {
  const positionOf = createLines(text);
  const lines = new Set<number>();
  return issues.filter(({ code, at }) => {
    if (code !== 'LG_VALIDATE_SYNTAX') return true;
    const { line } = positionOf(at);
    const isFirst = !lines.has(line);
    lines.add(line);
    return isFirst;
  });
}

/** The line that git writes above the two sides of a conflict. */
const CONFLICT = /^<{7}(?: |\r?$)/m;

/** What templates look like, and how to name each. */
const TEMPLATES: readonly (readonly [pattern: RegExp, name: string])[] = [
  [/\{\{|<no value>/, '{{ … }}'],
  [/\{%/, '{% … %}'],
  [/<%/, '<% … %>'],
];
const VARIABLES: typeof TEMPLATES = [
  [/\$\{\w/, `$\{…}`],
  [/\$\(\w/, '$(…)'],
];

/** A line that only a template has, such as `{{- if .Values.tls }}`: what comes after it is misread. */
const TEMPLATE_LINE = /^[ \t]*(?:\{\{-|\{\{[ \t]*(?:if|else|end|range|with|include|toYaml)\b|\{%)/m;

/** Escaped: one such character in a regular expression doubles the memory that the built file takes. */
const TYPOGRAPHIC_QUOTE = /[\u201c\u201d\u201e\u2018\u2019\u00ab\u00bb]/;

/** How far around an issue its cause is searched: a file may be one long line. */
const MAX_DISTANCE = 100;

/** A merge conflict marker. It makes all other issues irrelevant. */
export function findConflictMarker(text: string): Issue | undefined {
  const offset = text.search(CONFLICT);
  if (offset === -1) return undefined;
  return syntaxIssue('a merge conflict was not resolved: git left <<<<<<< here', offset);
}

/** The name of the first kind of template in a line. */
function templateIn(line: string, hasVariables: boolean): string | undefined {
  const known = hasVariables ? TEMPLATES : [...TEMPLATES, ...VARIABLES];
  return known.find(([pattern]) => pattern.test(line))?.[1];
}

/** The line of an offset, as far as it is near. */
function lineAround(text: string, offset: number): string {
  const before = text.slice(Math.max(0, offset - MAX_DISTANCE), offset).split(/[\r\n]/);
  const after = text.slice(offset, offset + MAX_DISTANCE).split(/[\r\n]/);
  return `${before.at(-1)}${after[0]}`;
}

/** The most likely cause of an issue on a line, to append to its message. */
function hintFor(line: string): string {
  if (TYPOGRAPHIC_QUOTE.test(line))
    return '; typographic quotes such as “ ” do not count as quotes';
  const mistakable = MISTAKABLE.exec(line)?.[0];
  if (mistakable !== undefined) return `; the line has ${nameCharacter(mistakable)}`;
  return '';
}
