import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { NAMED_COMMANDS } from '../../sidecar/src/cli/commands.ts';
import { ROOT, readFiles } from './repository.ts';
import { EXCEPTIONS, HELP, PHRASES, type Phrase, READ } from './wording.ts';

const MAIN = `${ROOT}/sidecar/src/main.ts`;

/** A line break in prose, in a block comment or between two line comments. */
const GAP = String.raw`(?:\s|(?<=\n\s*)(?:\*|//))+`;

function expressionOf({ pattern }: Phrase): RegExp {
  return new RegExp(String.raw`\b(?:${pattern.replaceAll(' ', GAP)})(?!\w)`, 'gi');
}

/** Blocks of code, except diagrams, quote programs, whose texts are read where they are written. */
function withoutBlocks(page: string): string {
  return page.replaceAll(/^( *)(```|~~~).*?^\1\2$/gms, (block) =>
    block.startsWith('```mermaid') ? block : block.replaceAll(/./g, ' '),
  );
}

interface Found {
  readonly line: number;
  /** The line or lines with the phrase, as one line. */
  readonly text: string;
  readonly instead: string;
}

function phrasesIn(text: string): readonly Found[] {
  return PHRASES.flatMap((phrase) =>
    [...text.matchAll(expressionOf(phrase))].map(({ index, 0: match }) => {
      const start = text.lastIndexOf('\n', index) + 1;
      const end = text.indexOf('\n', index + match.length);
      return {
        line: text.slice(0, index).split('\n').length,
        text: text
          .slice(start, end < 0 ? undefined : end)
          .replaceAll(/\s+/g, ' ')
          .trim(),
        instead: phrase.instead,
      };
    }),
  );
}

function isAllowed(file: string, { text }: Found): boolean {
  return EXCEPTIONS.some((each) => each.file === file && text.includes(each.text));
}

function stumblesIn(file: string, text: string): readonly string[] {
  const found = phrasesIn(text).filter((each) => !isAllowed(file, each));
  return found.map((each) => `${file}:${each.line}: ${each.text}\n  write: ${each.instead}`);
}

function assertNone(lines: readonly string[]): void {
  assert.equal(lines.length, 0, `\n${lines.join('\n')}`);
}

for (const pattern of READ)
  test(`plain English: ${pattern}`, () => {
    const files = [...readFiles(pattern)].map(
      ([file, text]) => [file, file.endsWith('.md') ? withoutBlocks(text) : text] as const,
    );
    assertNone(files.flatMap(([file, text]) => stumblesIn(file, text)));
  });

test('every command has its help on the list', () => {
  assert.deepEqual(HELP, ['', ...NAMED_COMMANDS.map(({ name }) => name)]);
});

for (const name of HELP)
  test(`plain English: lastgood ${name} --help`, () => {
    const args = [MAIN, ...name.split(' ').filter((word) => word !== ''), '--help'];
    const { stdout, status } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    assert.equal(status, 0);
    assertNone(stumblesIn(`lastgood ${name} --help`, stdout));
  });

test('every exception is in use', () => {
  const texts = readFiles(READ);
  for (const { file, text } of EXCEPTIONS)
    assert.ok(
      phrasesIn(texts.get(file) ?? '').some((found) => found.text.includes(text)),
      `${file}: ${text}`,
    );
});

test('the check finds phrases across lines and in comments, and nothing in plain text', () => {
  const lines = (text: string) => phrasesIn(text).map(({ line }) => line);
  assert.deepEqual(lines('The app is\ntold.'), [1]);
  assert.deepEqual(lines('/**\n * Held\n * against the last one.\n */'), [2]);
  assert.deepEqual(lines('// Nobody\n// listens.\n// It is\n// asked again.'), [3, 1]);
  assert.deepEqual(lines('a bundle of its own, and a folder of its own'), [1, 1]);
  assert.deepEqual(lines('a process of its own: the child'), [1]);
  assert.deepEqual(lines('only the processes of its own container'), []);
  assert.deepEqual(lines('Four answers are told apart. The target is notified.'), []);
});
