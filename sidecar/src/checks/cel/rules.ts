import { isDeepStrictEqual } from 'node:util';
import { type CelInput, type CelResult, celType, celUint, isCelError } from '@bufbuild/cel';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { createLines } from '@lastgood/core/formats/lines.ts';
import { LastgoodError } from '@lastgood/core/model/error.ts';
import { exactAt } from '@lastgood/core/model/exact-integers.ts';
import type { Issue } from '@lastgood/core/model/issue.ts';
import type { Pointer, ValuePath } from '@lastgood/core/model/pointer.ts';
import { TaggedValue } from '@lastgood/core/model/tagged-value.ts';
import { truncate } from '@lastgood/core/model/truncate.ts';
import type { RuleSettings } from '../../settings/settings.ts';
import { ruleIssue } from './check.ts';
import { compileExpression, type Expression } from './expression.ts';
import { reasonOfFailure } from './failure.ts';
import { type Fields, fieldsOf, OLD_SELF, SELF } from './fields.ts';
import { fits, formatType } from './functions.ts';
import { isUndecided, UNKNOWN_INPUT } from './unknown.ts';

/** The rules of one check. */
export interface RuleCheck {
  /** Whether any of them compares with the active content. */
  readonly compares: boolean;
  /** Evaluates the rules about a content alone. */
  own(value: unknown, sealed: boolean): readonly Issue<ValuePath>[];
  /** Evaluates the rules that compare with the active content, unless nothing changed. */
  change(value: unknown, old: unknown, sealed: boolean): readonly Issue<ValuePath>[];
}

/** Throws `LG_SETTINGS_RULE` for the first rule that cannot be right. */
export function createRuleCheck(settings: readonly RuleSettings[]): RuleCheck {
  const rules = settings.map(compileRule);
  const alone = rules.filter(({ usesOld }) => !usesOld);
  const comparing = rules.filter(({ usesOld }) => usesOld);
  return {
    compares: comparing.length > 0,
    own: (value, sealed) => checkRules(alone, sealed, value),
    change: (value, old, sealed) => checkRules(comparing, sealed, value, old),
  };
}

function checkRules(rules: readonly Rule[], sealed: boolean, value: unknown, old?: unknown) {
  if (rules.length === 0) return [];
  // Converted once for all rules.
  const self = celInputOf(value);
  const oldSelf = old === undefined ? undefined : celInputOf(old);
  // Not the parsed values: two large integers may have the same nearest number.
  if (oldSelf !== undefined && isDeepStrictEqual(self, oldSelf)) return [];
  return rules.flatMap((rule) => rule.check(self, oldSelf, sealed) ?? []);
}

/**
 * Converts a parsed value for rules. JavaScript has one kind of number and CEL has more: 64 and 64.0 are
 * both an `int`, since to a person who edits a file they are the same, and an integer of up to 64 bits is
 * exact. Objects become maps, so that `constructor` is an ordinary key.
 */
export function celInputOf(value: unknown): CelInput {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value;
  if (typeof value !== 'object' || value === null) return value as CelInput;
  if (Array.isArray(value)) return value.map((item, index) => celPartOf(value, index, item));
  if (value instanceof TaggedValue) return UNKNOWN_INPUT;
  if (value instanceof Date) return timestampFromDate(value);
  return new Map(Object.entries(value).map(([key, inner]) => [key, celPartOf(value, key, inner)]));
}

function celPartOf(parent: object, key: string | number, value: unknown): CelInput {
  const exact = typeof value === 'number' ? exactAt(parent, key) : undefined;
  if (exact === undefined) return celInputOf(value);
  if (BigInt.asIntN(64, exact) === exact) return exact;
  return BigInt.asUintN(64, exact) === exact ? celUint(exact) : Number(exact);
}

/** A compiled rule. */
export interface Rule {
  /** Without an old content such a rule accepts: there is nothing to compare with yet. */
  readonly usesOld: boolean;
  /**
   * The issue of a content, at the part of `self` that the rule is about, which need not exist.
   * Undefined if the rule accepts. For a secret, only words of the settings are shown (P8). Throws only
   * `TooHeavyHere`, in the main thread.
   */
  check(self: CelInput, old: CelInput | undefined, secret: boolean): Issue<ValuePath> | undefined;
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
    check: (self, old, secret) => {
      if (fields.usesOld && old === undefined) return undefined;
      const result = expression.evaluate({ [SELF]: self, [OLD_SELF]: old ?? null });
      if (result === true || isUndecided(result)) return undefined;
      const message = messageOf(result, settings, expression, secret);
      const at = { pointer: pointerOf(result, fields), part: 'value' } as const;
      return { code: 'LG_VALIDATE_RULE', args: [message], at };
    },
  };
}

function unusable({ rule, namedAt, verbatim }: RuleSettings, issue: Issue): LastgoodError {
  const { code, args, at } = issue;
  const { line, column } = createLines(rule)(at);
  const where = verbatim ? '' : ` (at ${line}:${column} of the rule)`;
  const location = verbatim ? { ...namedAt, column: (namedAt.column ?? 1) + at } : namedAt;
  return new LastgoodError(code, [`${args[0]}${where}`], { location });
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
