import { isDeepStrictEqual } from 'node:util';
import type { RuleSettings } from '../../settings/settings.ts';
import type { Violation } from '../violation.ts';
import { compileRule, type Rule } from './compile.ts';
import { type Content, contentOf } from './content.ts';

/** The rules of one check. */
export interface RuleCheck {
  /** Whether any of them looks at the active content. */
  readonly compares: boolean;
  /** Those that look at a content alone. */
  own(value: unknown, sealed: boolean): readonly Violation[];
  /** Those that compare it with the active one. They judge a change, and say nothing of none. */
  change(value: unknown, old: unknown, sealed: boolean): readonly Violation[];
}

/** Throws `LG_SETTINGS_RULE` for the first rule that cannot be right. */
export function createRuleCheck(settings: readonly RuleSettings[]): RuleCheck {
  const rules = settings.map(compileRule);
  const alone = rules.filter(({ usesOld }) => !usesOld);
  const comparing = rules.filter(({ usesOld }) => usesOld);
  return {
    compares: comparing.length > 0,
    own: (value, sealed) => violationsOf(alone, { value, old: undefined, sealed }),
    change: (value, old, sealed) =>
      isDeepStrictEqual(value, old) ? [] : violationsOf(comparing, { value, old, sealed }),
  };
}

interface Asked {
  readonly value: unknown;
  readonly old: unknown;
  readonly sealed: boolean;
}

function violationsOf(rules: readonly Rule[], { value, old, sealed }: Asked): readonly Violation[] {
  if (rules.length === 0) return [];
  const self = contentOf(value);
  const oldSelf: Content | undefined = old === undefined ? undefined : contentOf(old);
  return rules.flatMap((rule) => {
    const verdict = rule.judge(self, oldSelf, sealed);
    if (verdict.accepted) return [];
    const { message, pointer } = verdict;
    return [{ pointer, part: 'value', message } as const];
  });
}
