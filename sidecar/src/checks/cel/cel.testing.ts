import assert from 'node:assert/strict';
import type { Pointer } from '@lastgood/core/formats/format.ts';
import { LastgoodError } from '@lastgood/core/model/error.ts';
import { formatLocation, type Location } from '@lastgood/core/model/finding.ts';
import { compileRule, contentOf, type Rule } from './compile.ts';

/** Where the rules of the tests are said to stand. */
export const NAMED_AT: Location = { file: 'lastgood.yaml', line: 7, column: 15 };

/** A rule without a message of its own. */
export function ruleOf(rule: string, message?: string): Rule {
  return compileRule({ rule, message, namedAt: NAMED_AT, verbatim: true });
}

/** What is said of a rule that cannot be used: the column inside the rule, and why. */
export function refusalOf(rule: string, verbatim = true): string {
  try {
    compileRule({ rule, message: undefined, namedAt: NAMED_AT, verbatim });
  } catch (thrown) {
    assert.ok(thrown instanceof LastgoodError);
    assert.equal(thrown.code, 'LG_SETTINGS_RULE');
    const { file, line, column = 0 } = thrown.location ?? {};
    assert.equal(formatLocation({ file: file ?? '', line: line ?? 0 }), 'lastgood.yaml:7');
    const reason = thrown.message.replace('the rule cannot be used: ', '');
    return `${column - (NAMED_AT.column ?? 0) + 1} ${reason}`;
  }
  assert.fail(`the rule was accepted: ${rule}`);
}

/** What is judged, as it comes from a parser. */
export interface Given {
  readonly self: unknown;
  readonly oldSelf?: unknown;
  readonly secret?: boolean;
}

/** `accepted`, or the message of the rule. */
export function saidOf(rule: Rule | string, { self, oldSelf, secret = false }: Given): string {
  const asked = typeof rule === 'string' ? ruleOf(rule) : rule;
  const old = oldSelf === undefined ? undefined : contentOf(oldSelf);
  const verdict = asked.judge(contentOf(self), old, secret);
  return verdict.accepted ? 'accepted' : verdict.message;
}

/** Where a rule that does not hold points to. */
export function pointerOf(rule: string, self: unknown): Pointer {
  const verdict = ruleOf(rule).judge(contentOf(self), undefined, false);
  assert.ok(!verdict.accepted, `the rule holds: ${rule}`);
  return verdict.pointer;
}
