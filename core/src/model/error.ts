import { format } from 'node:util';
import { ERRORS, type ErrorCode } from './error-codes.ts';
import type { ErrorEntry } from './error-table.ts';
import type { Finding, Location } from './finding.ts';

export interface ErrorDetails {
  readonly location?: Location | undefined;
  readonly cause?: unknown;
}

/**
 * An unexpected error, or one that ends the program. Expected outcomes (a bad file, an app that refuses)
 * are findings, not exceptions.
 */
export class LastgoodError extends Error {
  readonly code: ErrorCode;
  readonly step: ErrorEntry['step'];
  /** What the reader can do. */
  readonly hint: string;
  /** Of the first finding, if the content is wrong. */
  readonly location: Location | undefined;

  constructor(code: ErrorCode, args: readonly unknown[] = [], details: ErrorDetails = {}) {
    const { step, message, hint } = ERRORS[code];
    super(format(message, ...args), details.cause === undefined ? {} : { cause: details.cause });
    this.name = 'LastgoodError';
    this.code = code;
    this.step = step;
    this.hint = hint;
    this.location = details.location;
  }
}

/** A finding of severity `error` for a code, with the message filled and the hint of the table. */
export function findingOf(
  code: ErrorCode,
  args: readonly unknown[] = [],
  location?: Location,
): Finding {
  const { message, hint } = ERRORS[code];
  const finding = { code, severity: 'error', message: format(message, ...args) } as const;
  return location === undefined ? { ...finding, hint } : { ...finding, location, hint };
}

/** Like {@link findingOf}, with severity `warning`, which is shown but does not reject. */
export function warningOf(
  code: ErrorCode,
  args: readonly unknown[] = [],
  location?: Location,
): Finding {
  return { ...findingOf(code, args, location), severity: 'warning' };
}

/** The short reason of a thrown value: a system error's code, else its message. */
export function reasonOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  const { code } = thrown as NodeJS.ErrnoException;
  return typeof code === 'string' && !(thrown instanceof LastgoodError) ? code : thrown.message;
}

/** A thrown value as a finding; anything but a `LastgoodError` is a bug of lastgood. */
export function findingFrom(thrown: unknown): Finding {
  if (!(thrown instanceof LastgoodError)) return findingOf('LG_INTERNAL', [reasonOf(thrown)]);
  const { code, message, hint, location } = thrown;
  const finding = { code, severity: 'error', message, hint } as const;
  return location === undefined ? finding : { ...finding, location };
}

/** Does `work`; any error of it becomes a `LastgoodError` with the subject and the reason as arguments. */
export async function withErrorCode<T>(
  code: ErrorCode,
  subject: string,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new LastgoodError(code, [subject, reasonOf(error)], { cause: error });
  }
}
