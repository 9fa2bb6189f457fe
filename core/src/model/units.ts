/**
 * The longest delay of a Node timer; a longer one would fire at once.
 * Source: Node.js documentation, `setTimeout`.
 */
export const MAX_DURATION_MS = 2 ** 31 - 1;

export const DURATION_PATTERN = /^[0-9]+(ms|s|m|h)$/;
export const SIZE_PATTERN = /^[0-9]+(Ki|Mi|Gi)?$/;

const MS_PER_UNIT: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };
const BYTES_PER_UNIT: Record<string, number> = { '': 1, Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30 };

/** `30s` in milliseconds; NaN for a text that is not a duration. */
export function durationMs(text: string): number {
  return DURATION_PATTERN.test(text) ? scaled(text, MS_PER_UNIT) : Number.NaN;
}

/** `64Ki`, or plain bytes as text, in bytes; NaN for a text that is not a size. */
export function sizeBytes(text: string): number {
  return SIZE_PATTERN.test(text) ? scaled(text, BYTES_PER_UNIT) : Number.NaN;
}

function scaled(text: string, perUnit: Record<string, number>): number {
  const digits = Number.parseInt(text, 10);
  const unit = text.replace(/^[0-9]+/, '');
  return digits * (perUnit[unit] ?? Number.NaN);
}

/** The shortest way to write a duration: 90000 is `90s`, 60000 is `1m`. */
export function formatDuration(ms: number): string {
  const unit = ['h', 'm', 's'].find((each) => ms > 0 && ms % (MS_PER_UNIT[each] ?? 1) === 0);
  return unit === undefined ? `${ms}ms` : `${ms / (MS_PER_UNIT[unit] ?? 1)}${unit}`;
}
