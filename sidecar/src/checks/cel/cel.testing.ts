import assert from 'node:assert/strict';
import { LastgoodError } from '@lastgood/core/model/error.ts';
import { formatLocation, type Location } from '@lastgood/core/model/finding.ts';
import type { Pointer } from '@lastgood/core/model/pointer.ts';
import { celInputOf, compileRule, type Rule } from './rules.ts';

/** The location of the rules of the tests. */
export const NAMED_AT: Location = { file: 'lastgood.yaml', line: 7, column: 15 };

/** A compiled rule. */
export function ruleOf(rule: string, message?: string): Rule {
  return compileRule({ rule, message, namedAt: NAMED_AT, verbatim: true });
}

/** The column inside a rule that cannot be used, and the reason. */
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

/** The contents that a rule checks, as a parser returns them. */
export interface Given {
  readonly self: unknown;
  readonly oldSelf?: unknown;
  readonly secret?: boolean;
}

/** `accepted`, or the message of the rule. */
export function saidOf(rule: Rule | string, { self, oldSelf, secret = false }: Given): string {
  const asked = typeof rule === 'string' ? ruleOf(rule) : rule;
  const old = oldSelf === undefined ? undefined : celInputOf(oldSelf);
  const issue = asked.check(celInputOf(self), old, secret);
  return issue === undefined ? 'accepted' : String(issue.args[0]);
}

/** The pointer of the issue of a rule. */
export function pointerOf(rule: string, self: unknown): Pointer {
  const issue = ruleOf(rule).check(celInputOf(self), undefined, false);
  assert.ok(issue, `the rule accepts: ${rule}`);
  return issue.at.pointer;
}
