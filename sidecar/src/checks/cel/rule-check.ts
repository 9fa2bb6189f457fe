import { isDeepStrictEqual } from 'node:util';
import type { Issue } from '@lastgood/core/model/issue.ts';
import type { ValuePath } from '@lastgood/core/model/pointer.ts';
import type { RuleSettings } from '../../settings/settings.ts';
import { compileRule, type Rule } from './compile.ts';
import { contentOf } from './content.ts';

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
    own: (value, sealed) => checkRules(alone, { value, old: undefined, sealed }),
    change: (value, old, sealed) =>
      isDeepStrictEqual(value, old) ? [] : checkRules(comparing, { value, old, sealed }),
  };
}

interface Subject {
  readonly value: unknown;
  readonly old: unknown;
  readonly sealed: boolean;
}

function checkRules(rules: readonly Rule[], { value, old, sealed }: Subject) {
  if (rules.length === 0) return [];
  const self = contentOf(value);
  const oldSelf = old === undefined ? undefined : contentOf(old);
  return rules.flatMap((rule) => rule.check(self, oldSelf, sealed) ?? []);
}
