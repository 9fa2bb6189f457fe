import { type CelResult, celType, isCelError } from '@bufbuild/cel';
import { createLines } from '@lastgood/core/formats/lines.ts';
import { LastgoodError } from '@lastgood/core/model/error.ts';
import type { Issue } from '@lastgood/core/model/issue.ts';
import type { Pointer, ValuePath } from '@lastgood/core/model/pointer.ts';
import { truncate } from '@lastgood/core/model/truncate.ts';
import type { RuleSettings } from '../../settings/settings.ts';
import type { Content } from './content.ts';
import { compileExpression, type Expression } from './expression.ts';
import { reasonOfFailure } from './failure.ts';
import { type Fields, fieldsOf, OLD_SELF, SELF } from './fields.ts';
import { fits, formatType } from './overloads.ts';
import { ruleIssue } from './syntax.ts';

/** A compiled rule. */
export interface Rule {
  /** Without an old content such a rule accepts: there is nothing to compare with yet. */
  readonly usesOld: boolean;
  /**
   * The issue of a content, at the part of `self` that the rule is about, which need not exist.
   * Undefined if the rule accepts. For a secret, only words of the settings are shown (P8). Never throws.
   */
  check(self: Content, oldSelf: Content | undefined, secret: boolean): Issue<ValuePath> | undefined;
}

const MAX_RULE_LENGTH = 100;

/** Throws `LG_SETTINGS_RULE` for a rule that cannot be right, at the position of the mistake. */
export function compileRule(settings: RuleSettings): Rule {
  const compiled = compileExpression(settings.rule, [SELF, OLD_SELF]);
  if (!compiled.ok) throw unusable(settings, compiled.issue);
  const { expression } = compiled;
  if (!fits(expression.type, 'bool')) {
    const reason = `it must be true or false, and is ${formatType(expression.type)}`;
    throw unusable(settings, ruleIssue(reason, 0));
  }
  const fields = fieldsOf(expression.tree);
  return {
    usesOld: fields.usesOld,
    check: (self, oldSelf, secret) => {
      if (fields.usesOld && oldSelf === undefined) return undefined;
      const result = expression.evaluate({ [SELF]: self.cel, [OLD_SELF]: oldSelf?.cel ?? null });
      if (result === true) return undefined;
      const message = messageOf(result, settings, expression, secret);
      const at = { pointer: pointerOf(result, fields), part: 'value' } as const;
      return { code: 'LG_VALIDATE_RULE', args: [message], at };
    },
  };
}

function unusable({ rule, namedAt, verbatim }: RuleSettings, issue: Issue): LastgoodError {
  const { code, args, at } = issue;
  const { line, column } = createLines(rule)(at);
  if (!verbatim)
    return new LastgoodError(code, [`${args[0]} (at ${line}:${column} of the rule)`], {
      location: namedAt,
    });
  return new LastgoodError(code, args, {
    location: { ...namedAt, column: (namedAt.column ?? 1) + at },
  });
}

function messageOf(
  result: CelResult,
  { rule, message }: RuleSettings,
  { tree }: Expression,
  secret: boolean,
): string {
  if (result === false) return message ?? `does not hold: ${formatRule(rule)}`;
  if (isCelError(result))
    return `cannot be evaluated (${reasonOfFailure(result, tree, secret)}): ${formatRule(rule)}`;
  const is = secret ? '' : ` (is ${formatType(celType(result).name)})`;
  return `is neither true nor false${is}: ${formatRule(rule)}`;
}

/** The failing part of `self`; the first part that the rule names if the failure is in a computed value. */
function pointerOf(result: CelResult, { first, byId }: Fields): Pointer {
  if (!isCelError(result) || result.exprId === undefined) return first;
  const pointer = byId.get(result.exprId) ?? [];
  return pointer.length === 0 ? first : pointer;
}

/** On one line. */
function formatRule(rule: string): string {
  return truncate(rule.trim().replaceAll(/\s+/g, ' '), MAX_RULE_LENGTH);
}
