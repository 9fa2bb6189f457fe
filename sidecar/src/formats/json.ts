import type { Complaint, Document, Format, Parsed, Problem } from './format.ts';
import { placesOfJson } from './json-places.ts';
import { scanJson } from './json-scan.ts';
import { createLines } from './lines.ts';
import { offsetOf, type Place } from './place.ts';

/** Strict JSON (RFC 8259): no comments, no trailing commas; a key twice is a problem too. */
export const json: Format = { name: 'json', extensions: ['.json'], parse };

function parse(text: string): Parsed {
  if (text.trim() === '') return { ok: false, problems: [EMPTY] };
  const { depth, syntax, keys } = scanJson(text);
  if (depth !== undefined) return failed(text, [depth]);
  const parsed = tryParse(text);
  if (parsed === undefined)
    return failed(text, [...(syntax.length > 0 ? syntax : UNKNOWN), ...keys]);
  if (keys.length > 0) return failed(text, keys);
  return { ok: true, documents: [documentOf(text, parsed.value)] };
}

const EMPTY: Problem = { code: 'LG_VALIDATE_EMPTY', args: ['JSON'], line: 1, column: 1 };

/** JSON.parse alone decides what is JSON; its message is not used, since it quotes the content. */
const UNKNOWN: readonly Complaint[] = [
  { code: 'LG_VALIDATE_SYNTAX', args: ['is not valid JSON'], offset: 0 },
];

function tryParse(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

function failed(text: string, complaints: readonly Complaint[]): Parsed {
  const positionOf = createLines(text);
  const problems = complaints.map(({ offset, ...rest }) => ({ ...rest, ...positionOf(offset) }));
  return { ok: false, problems: problems.filter(isNoEcho) };
}

/** What follows a syntax error on its line is mostly how the parser stumbles on from there. */
function isNoEcho({ code, line }: Problem, index: number, all: readonly Problem[]): boolean {
  if (code !== 'LG_VALIDATE_SYNTAX') return true;
  return all.findIndex((other) => other.code === code && other.line === line) === index;
}

function documentOf(text: string, value: unknown): Document {
  const positionOf = createLines(text);
  let places: Place | undefined;
  return {
    value,
    locate: (pointer, part) => {
      places ??= placesOfJson(text);
      return positionOf(offsetOf(places, pointer, part));
    },
  };
}
