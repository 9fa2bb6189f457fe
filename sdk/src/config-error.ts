import { LastgoodError } from '@lastgood/core/model/error.ts';
import type { ErrorCode } from '@lastgood/core/model/error-codes.ts';
import { type Finding, formatFinding } from '@lastgood/core/model/finding.ts';

/** Findings that a message shows; `findings` has all. */
const MAX_SHOWN = 10;

/** Codes of a {@link ConfigError}. docs/errors.md explains each. */
export type ConfigErrorCode = Extract<ErrorCode, `LG_SDK_${string}`>;

interface ConfigErrorDetails {
  readonly findings?: readonly Finding[];
  readonly cause?: unknown;
}

/** What `connect` and `view` reject with. A running app gets none: it keeps its value, and `state` has the reason. */
export class ConfigError extends LastgoodError {
  declare readonly code: ConfigErrorCode;
  /** What is wrong, with file, line and column; empty if it is not the content. */
  readonly findings: readonly Finding[];

  constructor(
    code: ConfigErrorCode,
    args: readonly unknown[] = [],
    { findings = [], cause }: ConfigErrorDetails = {},
  ) {
    super(code, args, { cause, location: findings[0]?.location });
    this.name = 'ConfigError';
    this.findings = findings;
  }
}

/** `LG_SDK_INVALID`, with a line for each finding. */
export function invalidConfig(findings: readonly Finding[], cause?: unknown): ConfigError {
  return new ConfigError('LG_SDK_INVALID', [listFindings(findings)], { findings, cause });
}

function listFindings(findings: readonly Finding[]): string {
  const shown = findings.slice(0, MAX_SHOWN).map((finding) => `\n  ${formatFinding(finding)}`);
  const hidden = findings.length - shown.length;
  return `${shown.join('')}${hidden > 0 ? `\n  and ${hidden} more` : ''}`;
}
