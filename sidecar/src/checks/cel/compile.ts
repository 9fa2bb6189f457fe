import { type CelResult, celType, isCelError } from '@bufbuild/cel';
import type { Pointer } from '@lastgood/core/formats/format.ts';
import { createLines } from '@lastgood/core/formats/lines.ts';
import { LastgoodError } from '@lastgood/core/model/error.ts';
import type { RuleSettings } from '../../settings/settings.ts';
import { truncate } from '../format-value.ts';
import type { Content } from './content.ts';
import { compileExpression, type Expression } from './expression.ts';
import { reasonOfFailure } from './failure.ts';
import { type Fields, fieldsOf, OLD_SELF, SELF } from './fields.ts';
import { fits, shownType } from './overloads.ts';
import type { Mistake } from './syntax.ts';

export { type Content, contentOf } from './content.ts';

/** What a rule says of one content. */
export type RuleVerdict =
  | { readonly accepted: true }
  | {
      readonly accepted: false;
      /** Of a secret it holds nothing but what the settings say (P8). */
      readonly message: string;
      /** The part of `self` that it is about. It need not exist. */
      readonly pointer: Pointer;
    };

/** A rule that can be asked. */
export interface Rule {
  /** Without an old content such a rule accepts: there is nothing yet to compare with. */
  readonly usesOld: boolean;
  /** Never throws. */
  judge(self: Content, oldSelf: Content | undefined, secret: boolean): RuleVerdict;
}

const MAX_SHOWN = 100;

/** Throws `LG_SETTINGS_RULE` for a rule that cannot be right, at the place of the mistake. */
export function compileRule(settings: RuleSettings): Rule {
  const compiled = compileExpression(settings.rule, [SELF, OLD_SELF]);
  if (!compiled.ok) throw unusable(settings, compiled.mistake);
  const { expression } = compiled;
  if (!fits(expression.type, 'bool')) {
    const reason = `it must be true or false, and is ${shownType(expression.type)}`;
    throw unusable(settings, { offset: 0, reason });
  }
  const fields = fieldsOf(expression.tree);
  return {
    usesOld: fields.usesOld,
    judge: (self, oldSelf, secret) => {
      if (fields.usesOld && oldSelf === undefined) return { accepted: true };
      const result = expression.evaluate({ [SELF]: self.cel, [OLD_SELF]: oldSelf?.cel ?? null });
      if (result === true) return { accepted: true };
      const message = messageOf(result, settings, expression, secret);
      return { accepted: false, message, pointer: pointerOf(result, fields) };
    },
  };
}

function unusable({ rule, namedAt, verbatim }: RuleSettings, mistake: Mistake): LastgoodError {
  const { offset, reason } = mistake;
  const { line, column } = createLines(rule)(offset);
  if (!verbatim)
    return new LastgoodError('LG_SETTINGS_RULE', [`${reason} (at ${line}:${column} of the rule)`], {
      location: namedAt,
    });
  const location = { ...namedAt, column: (namedAt.column ?? 1) + offset };
  return new LastgoodError('LG_SETTINGS_RULE', [reason], { location });
}

function messageOf(
  result: CelResult,
  { rule, message }: RuleSettings,
  { tree }: Expression,
  secret: boolean,
): string {
  if (result === false) return message ?? `does not hold: ${shownRule(rule)}`;
  if (isCelError(result))
    return `cannot be evaluated (${reasonOfFailure(result, tree, secret)}): ${shownRule(rule)}`;
  const is = secret ? '' : ` (is ${shownType(celType(result).name)})`;
  return `is neither true nor false${is}: ${shownRule(rule)}`;
}

/** A failure has a place of its own, unless it is in what a rule works out. */
function pointerOf(result: CelResult, { first, byId }: Fields): Pointer {
  if (!isCelError(result) || result.exprId === undefined) return first;
  const pointer = byId.get(result.exprId) ?? [];
  return pointer.length === 0 ? first : pointer;
}

/** On one line. */
function shownRule(rule: string): string {
  return truncate(rule.trim().replaceAll(/\s+/g, ' '), MAX_SHOWN);
}
