import { createLines } from '@lastgood/core/formats/lines.ts';
import { findingOf } from '@lastgood/core/model/error.ts';
import type { Finding } from '@lastgood/core/model/finding.ts';
import type { SnapshotFile } from '@lastgood/core/model/snapshot.ts';
import { isEncodedOnceMore } from './encoded.ts';
import { placeholderIn } from './placeholder.ts';
import { isMarked, isOneValue, isPem, isUtf16, textOf } from './value.ts';

/** What looks wrong with a value, and at which offset of its text. */
interface SecretIssue {
  readonly message: string;
  readonly offset: number;
}

/**
 * What is most likely a mistake in a file that holds one value and nothing else, as the files of a
 * Secret do: it parses as anything, and fails the day that it is used. No message tells anything of
 * the value (P8). Never throws.
 *
 * @param severity - of what is found; Windows line ends in PEM are only ever warned of
 */
export function lintSecrets(file: SnapshotFile, severity: Finding['severity']): readonly Finding[] {
  const text = textOf(file.bytes);
  const traps = text === undefined ? trapsOfBytes(file.bytes) : trapsOfText(file, text);
  const positionOf = createLines(text ?? '');
  const isWarning = text !== undefined && isPem(text);
  return traps.map(({ message, offset }) => {
    const { line, column } = positionOf(offset);
    // At the end of a secret the column would be its length.
    const place = file.secret && offset > 0 ? { line } : { line, column };
    const found = findingOf('LG_VALIDATE_SECRET', [message], { file: file.path, ...place });
    return { ...found, severity: isWarning ? 'warning' : severity };
  });
}

/** Of bytes that are no text as it should be; other bytes are a binary key, which may be anything. */
function trapsOfBytes(bytes: Buffer): readonly SecretIssue[] {
  if (isUtf16(bytes)) return [trap('is written in UTF-16, as by PowerShell; save it as UTF-8')];
  if (!isMarked(bytes)) return [];
  return [
    trap('starts with a byte order mark, which is part of the value; save it as UTF-8 without BOM'),
  ];
}

function trapsOfText(file: SnapshotFile, text: string): readonly SecretIssue[] {
  if (isPem(text)) return trapsOfPem(text);
  if (!isOneValue(file, text)) return [];
  const value = text.trim();
  if (value === '') return trapsOfBlank(file, text);
  return [...trapsAround(text), ...trapsInside(file, value, text.indexOf(value))];
}

function trapsOfPem(text: string): readonly SecretIssue[] {
  const offset = text.indexOf('\r\n');
  return offset === -1 ? [] : [trap('has Windows line ends; save it with Unix line ends', offset)];
}

/** A setting may be empty on purpose; a secret is not. */
function trapsOfBlank({ secret }: SnapshotFile, text: string): readonly SecretIssue[] {
  if (!secret) return [];
  return [trap(text === '' ? 'is empty' : 'holds nothing but white space')];
}

function trapsAround(text: string): readonly SecretIssue[] {
  const traps: SecretIssue[] = [];
  const end = text.slice(text.trimEnd().length);
  if (/^\s/.test(text))
    traps.push(trap('begins with white space, which is part of the value; remove it'));
  if (end !== '') traps.push(trap(wordingOfEnd(end), text.length - end.length));
  return traps;
}

function wordingOfEnd(end: string): string {
  if (end.includes('\r')) return 'ends in a Windows line end; write it with printf or echo -n';
  if (end.includes('\n')) return 'ends in a line break; write it with printf or echo -n';
  return 'ends in white space, which is part of the value; remove it';
}

/** @param value - without the white space around it */
function trapsInside(file: SnapshotFile, value: string, offset: number): readonly SecretIssue[] {
  const inner = /^(["'])(.*)\1$/s.exec(value)?.[2];
  const traps: SecretIssue[] = [];
  if (inner !== undefined)
    traps.push(
      trap('stands in quotes, which are part of the value; write it without them', offset),
    );
  const placeholder = placeholderIn(inner ?? value, file.secret);
  if (placeholder !== undefined) traps.push(trap(placeholder, offset));
  else if (isEncodedOnceMore(file.path, inner ?? value))
    traps.push(
      trap(
        'is encoded in base64 once more than needed; encode it once for data, and not at all for stringData',
        offset,
      ),
    );
  return traps;
}

function trap(message: string, offset = 0): SecretIssue {
  return { message, offset };
}
