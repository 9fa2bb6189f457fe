import { MAX_DURATION_MS } from '@lastgood/core/model/units.ts';

const MS_PER_UNIT: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  '\u00b5s': 1e-3,
  '\u03bcs': 1e-3,
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
};

export type GoDuration = { readonly ms: number } | { readonly problem: string };

/**
 * Parses a duration as Go does: `1m30s`, `1.5h`, `500ms`, `0`. Rounds up to whole milliseconds, so
 * that a short one does not become 0, and down to what a timer takes. Source: Go,
 * time.ParseDuration.
 */
export function goDuration(text: string): GoDuration {
  const shown = JSON.stringify(text);
  const invalid = { problem: `time: invalid duration ${shown}` };
  const [, sign = '', digits = ''] = /^([+-]?)(.*)$/s.exec(text) ?? [];
  if (digits === '0') return { ms: 0 };
  if (digits === '') return invalid;
  let ms = 0;
  for (let rest = digits; rest !== ''; ) {
    const [all = '', number = '', unit = ''] = /^(\d+\.?\d*|\.\d+)([^\d.]*)/.exec(rest) ?? [];
    if (all === '') return invalid;
    if (unit === '') return { problem: `time: missing unit in duration ${shown}` };
    const perUnit = Object.hasOwn(MS_PER_UNIT, unit) ? MS_PER_UNIT[unit] : undefined;
    if (perUnit === undefined)
      return { problem: `time: unknown unit ${JSON.stringify(unit)} in duration ${shown}` };
    ms += Number(number) * perUnit;
    rest = rest.slice(all.length);
  }
  if (sign === '-' && ms > 0) return { problem: `duration ${shown} is less than 0` };
  // Sums of fractions come out a little too large.
  return { ms: Math.max(0, Math.min(Math.ceil(ms - 1e-9), MAX_DURATION_MS)) };
}
