import assert from 'node:assert/strict';
import { test } from 'node:test';
import { excerptOf } from './human.ts';
import { marked, unmarked } from './report.testing.ts';

function excerpt(text: string, line: number, column: number, sealed: readonly number[] = []) {
  const source = { text, isSealed: (each: number) => sealed.includes(each) };
  return excerptOf(source, { line, column }, unmarked);
}

test('the line and the one before it are shown, with a caret under the column', () => {
  assert.equal(excerpt('a: 1\nb: [\nc: 2\n', 2, 4), '  1 | a: 1\n  2 | b: [\n    |    ^\n');
  assert.equal(excerpt('a: 1\n', 1, 1), '  1 | a: 1\n    | ^\n');
  assert.equal(excerpt('a\r\nb\r\n', 2, 1), '  1 | a\n  2 | b\n    | ^\n');
});

test('line numbers of different widths are aligned', () => {
  const text = '\n'.repeat(8).concat('nine\nten\n');
  assert.equal(excerpt(text, 10, 1), '   9 | nine\n  10 | ten\n     | ^\n');
});

test('tabs are as wide under the line as in it', () => {
  assert.equal(excerpt('\ta:\tb\n', 1, 5), '  1 | \ta:\tb\n    | \t  \t^\n');
});

test('the caret stands after the end of a line where something is missing there', () => {
  assert.equal(excerpt('a\n', 1, 4), '  1 | a\n    |    ^\n');
  assert.equal(excerpt('a\n', 2, 1), '  1 | a\n  2 |\n    | ^\n');
});

test('of a long line the part around the column is shown', () => {
  const digits = Array.from({ length: 300 }, (_, index) => index % 10).join('');
  for (const column of [1, 40, 79, 80, 81, 150, 260, 299, 300]) {
    const [line = '', caret = ''] = excerpt(digits, 1, column).split('\n');
    assert.ok(line.length <= 86, `${column}: ${line.length}`);
    const under = line[caret.indexOf('^')];
    assert.ok(under === String((column - 1) % 10) || under === '…', `${column}: ${under}`);
  }
  assert.match(excerpt(digits, 1, 150), /^ {2}1 \| ….*…\n {4}\| {39,41}\^\n$/);
});

test('what a terminal would obey is not shown', () => {
  assert.equal(excerpt('a: \u001b[31m\u202Ex\u0007\n', 1, 1), '  1 | a: ?[31m?x?\n    | ^\n');
});

test('P8: a sealed line is not shown, neither as the line nor as the one before it', () => {
  assert.equal(excerpt('hunter2\nb\n', 1, 1, [1]), '');
  assert.equal(excerpt('hunter2\nb\n', 2, 1, [1]), '  2 | b\n    | ^\n');
});

test('a line that is not there has no excerpt', () => {
  assert.equal(excerpt('a\n', 9, 1), '');
});

test('numbers are dim and the caret is bold', () => {
  const source = { text: 'a', isSealed: () => false };
  assert.equal(
    excerptOf(source, { line: 1, column: 1 }, marked),
    '<dim>  1 |</dim> a\n<dim>    |</dim> <bold>^</bold>\n',
  );
});
