import { createLines } from '@lastgood/core/formats/lines.ts';
import type { Finding } from '@lastgood/core/model/finding.ts';
import { type Issue, locateIssues } from '@lastgood/core/model/issue.ts';
import type { SnapshotFile } from '@lastgood/core/model/snapshot.ts';
import { isEncodedTwice } from './encoded.ts';
import { placeholderIn } from './placeholder.ts';
import { hasByteOrderMark, isOneValue, isPem, isUtf16, textOf } from './value.ts';

/**
 * Finds probable mistakes in a file with a single value, such as those of a Secret: any value parses,
 * and a wrong one fails only when it is used. No message shows any of the value (P8). Never throws.
 *
 * @param severity - of the findings; Windows line ends in PEM are always a warning
 */
export function lintSecrets(file: SnapshotFile, severity: Finding['severity']): readonly Finding[] {
  const text = textOf(file.bytes);
  const issues = text === undefined ? lintBytes(file.bytes) : lintText(file, text);
  const isWarning = text !== undefined && isPem(text);
  const positionOf = createLines(text ?? '');
  return locateIssues(
    issues.map((issue) => ({ ...issue, severity: isWarning ? 'warning' : severity })),
    file,
    (offset) => {
      const { line, column } = positionOf(offset);
      // At the end of a secret, the column would be its length.
      return file.secret && offset > 0 ? { line } : { line, column };
    },
  );
}

function issue(message: string, at = 0): Issue {
  return { code: 'LG_VALIDATE_SECRET', args: [message], at };
}

/** Bytes that are not proper text. Other bytes are a binary key, which may be anything. */
function lintBytes(bytes: Buffer): readonly Issue[] {
  if (isUtf16(bytes)) return [issue('is UTF-16, as PowerShell writes it; save it as UTF-8')];
  if (!hasByteOrderMark(bytes)) return [];
  return [
    issue(
      'starts with a byte order mark, which is part of the value; save it as UTF-8 without BOM',
    ),
  ];
}

function lintText(file: SnapshotFile, text: string): readonly Issue[] {
  if (isPem(text)) {
    const at = text.indexOf('\r\n');
    return at === -1 ? [] : [issue('has Windows line ends; save it with Unix line ends', at)];
  }
  if (!isOneValue(file, text)) return [];
  const value = text.trim();
  if (value === '') return file.secret ? [blankIssue(text)] : [];
  return [...lintWhitespace(text), ...lintValue(file, value, text.indexOf(value))];
}

/** A setting may be empty on purpose; a secret is not. */
function blankIssue(text: string): Issue {
  return issue(text === '' ? 'is empty' : 'has only white space');
}

function lintWhitespace(text: string): readonly Issue[] {
  const end = text.slice(text.trimEnd().length);
  return [
    ...(/^\s/.test(text)
      ? [issue('begins with white space, which is part of the value; remove it')]
      : []),
    ...(end === '' ? [] : [issue(wordingOfEnd(end), text.length - end.length)]),
  ];
}

function wordingOfEnd(end: string): string {
  if (end.includes('\r')) return 'ends in a Windows line end; write it with printf or echo -n';
  if (end.includes('\n')) return 'ends in a line break; write it with printf or echo -n';
  return 'ends in white space, which is part of the value; remove it';
}

/** @param value - without the white space around it */
function lintValue(file: SnapshotFile, value: string, at: number): readonly Issue[] {
  const inner = /^(["'])(.*)\1$/s.exec(value)?.[2];
  const quotes =
    inner === undefined
      ? []
      : [issue('is in quotes, which are part of the value; write it without them', at)];
  const placeholder = placeholderIn(inner ?? value, file.secret);
  if (placeholder !== undefined) return [...quotes, issue(placeholder, at)];
  if (!isEncodedTwice(file.path, inner ?? value)) return quotes;
  const message =
    'is encoded in base64 twice; encode it once for data, and not at all for stringData';
  return [...quotes, issue(message, at)];
}
