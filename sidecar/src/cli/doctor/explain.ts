import { ERRORS, type ErrorCode } from '@lastgood/core/model/error-codes.ts';
import { suggestion } from '../../settings/did-you-mean.ts';
import { type CommandResult, wrongUsage } from '../command.ts';
import { RULES } from './rules.ts';

/** The last line of a report for a person. */
export const FOOTER = 'lastgood doctor --explain CODE says why a finding matters';

/** Prints what a code means, why it matters and what to do. */
export function explainCode(code: string): CommandResult {
  if (!Object.hasOwn(ERRORS, code)) {
    const near = suggestion(code, Object.keys(ERRORS));
    return wrongUsage(`--explain ${code}: there is no such code${near}`);
  }
  const { message, hint } = ERRORS[code as ErrorCode];
  const rule = RULES.find((each) => each.code === code);
  const why = rule === undefined ? [] : [`\n${rule.why}\n`];
  const severity = rule === undefined ? '' : `${rule.severity}: `;
  const output = [`${code}\n\n${severity}${message}\n`, ...why, `\nFix: ${hint}\n`].join('');
  return { end: 'good', output, findings: [] };
}
