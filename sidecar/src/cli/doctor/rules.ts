import type { Rule } from './rule.ts';
import { decimalMode } from './rules/decimal-mode.ts';
import { env } from './rules/env.ts';
import { envAndFile } from './rules/env-and-file.ts';
import { latest } from './rules/latest.ts';
import { twoMechanisms } from './rules/two-mechanisms.ts';
import { unreadable } from './rules/unreadable.ts';

/** All rules, in the order of docs/doctor.md. */
export const RULES: readonly Rule[] = [
  env,
  envAndFile,
  unreadable,
  decimalMode,
  twoMechanisms,
  latest,
];
