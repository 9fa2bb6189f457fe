import type { Issue } from '../model/issue.ts';
import type { ReadersOf } from './readers.ts';

const PYTHON = 'PyYAML';
const GO = 'Go';
const JS_4 = 'js-yaml 4';
const JS_5 = 'js-yaml 5';

export const TAB = 'expected a space after a dash, a question mark or a colon, not a tab';
export const TAB_IN_TEXT = 'a tab must not indent a line of text in brackets';
export const TAB_AFTER_TEXT = 'a tab must not indent the line after text in brackets';
export const TAB_LINE = 'a blank line must not have a tab';
export const DIRECTIVE = 'some readers accept only the directives %YAML 1.1 and %TAG';
export const NO_START = 'expected --- before the next document';
export const NO_DOCUMENT = 'has ... before the first document';
export const NO_KEY = 'expected a key before the colon';
export const LONG_KEY = 'a key and its colon must be on one line';
export const NO_SPACE = 'expected a space after the colon';
export const NO_SPACE_AT_END = 'PyYAML expects a space after the colon';
export const QUESTION_MARK = 'Go ends text in brackets at a question mark; put it in quotes';
export const WRONG_TAG = 'the value does not fit its tag for every reader';
export const UNFIT_TAG = 'the value does not fit its tag, which only Go ignores';
export const SLASH = 'Go does not know the escape sequence \\/; the slash needs none';
export const TOUCHING = 'expected a space after an anchor or a tag';
export const TOUCHING_COMMENT = 'expected a space before the # of a comment';
export const BYTE_ORDER_MARK = 'has a byte order mark between lines; perhaps files were joined';
export const LOW_HEADER = 'the mark of a block text must be indented more than its key';
export const LOW_TEXT = 'text must not be indented less than its first line';
export const FLUSH_TEXT = 'a block text must be indented';
export const OLD_LINE_BREAK = 'only Python and Go end a line at this character';

/** The readers that accept it in some file. */
export const YAML_READERS: ReadersOf = {
  'is UTF-16, not UTF-8': [PYTHON, GO],
  [TAB]: [JS_4, JS_5],
  [TAB_IN_TEXT]: [],
  [TAB_AFTER_TEXT]: [JS_4],
  [TAB_LINE]: [JS_4, JS_5],
  [DIRECTIVE]: [PYTHON, JS_4, JS_5],
  [NO_START]: [JS_4, JS_5],
  [NO_DOCUMENT]: [JS_4, JS_5],
  [NO_KEY]: [JS_4, JS_5],
  [LONG_KEY]: [JS_5],
  [NO_SPACE]: [JS_4, JS_5],
  [NO_SPACE_AT_END]: [GO, JS_4, JS_5],
  [QUESTION_MARK]: [PYTHON, JS_4, JS_5],
  [WRONG_TAG]: [PYTHON, GO],
  [UNFIT_TAG]: [GO],
  [SLASH]: [PYTHON, JS_4, JS_5],
  [TOUCHING]: [JS_4, JS_5],
  [TOUCHING_COMMENT]: [PYTHON, GO, JS_4],
  [LOW_HEADER]: [PYTHON, GO],
  [LOW_TEXT]: [PYTHON, GO],
  [FLUSH_TEXT]: [JS_5],
  [OLD_LINE_BREAK]: [PYTHON, GO],
};

/** Whether only js-yaml accepts what a warning is about. */
export function isOnlyForJavaScript({ args }: Issue): boolean {
  return YAML_READERS[String(args[0])]?.every((reader) => /^js/.test(reader)) ?? false;
}
