import { LastgoodError } from '@lastgood/core/model/error.ts';
import type { ErrorCode } from '@lastgood/core/model/error-codes.ts';
import { type Finding, formatFinding } from '@lastgood/core/model/finding.ts';

/** Findings that a message shows; `findings` has all. */
const MAX_SHOWN = 10;

/** Codes of a {@link ConfigError}. docs/errors.md explains each, with what to do. */
export type ConfigErrorCode = Extract<ErrorCode, `LG_SDK_${string}`>;

interface ConfigErrorDetails {
  readonly findings?: readonly Finding[];
  readonly cause?: unknown;
}

/**
 * The reason why `connect`, `view`, `resource` or `use` rejects. A running app gets none for a change: it keeps its
 * value, and `state` has the reason.
 *
 * @example
 * ```ts
 * import { ConfigError, connect } from '@lastgood/sdk';
 *
 * try {
 *   await connect({ file: 'config.yaml' });
 * } catch (error) {
 *   if (!(error instanceof ConfigError && error.code === 'LG_SDK_INVALID')) throw error;
 *   for (const { message, location } of error.findings) console.error(location?.line, message);
 * }
 * ```
 */
export class ConfigError extends LastgoodError {
  /** Names the error. The message may change, the code stays. */
  declare readonly code: ConfigErrorCode;
  /** Always `sdk`. Other errors of lastgood have the step of the pipeline here. */
  declare readonly step: 'sdk';
  /** All that is wrong with the content, each with file, line and column. Empty for other errors. */
  readonly findings: readonly Finding[];

  /** @internal */
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
  // Such as the files that there are, if one is not. Of several, it would be the same again and again.
  const [{ hint } = {}, ...others] = findings;
  const help = hint === undefined || others.length > 0 ? '' : `\n    hint: ${hint}`;
  return `${shown.join('')}${help}${hidden > 0 ? `\n  and ${hidden} more` : ''}`;
}
