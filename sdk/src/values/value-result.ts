import type { Finding } from '@lastgood/core/model/finding.ts';

/** The value of a view, or why the content has none. */
export type ValueResult =
  | { readonly accepted: true; readonly value: unknown }
  | { readonly accepted: false; readonly findings: readonly Finding[] };
