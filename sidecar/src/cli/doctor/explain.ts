import { ERRORS, type ErrorCode } from '@lastgood/core/model/error-codes.ts';
import { suggestion } from '../../settings/did-you-mean.ts';
import { type CommandResult, wrongUsage } from '../command.ts';
import { readErrorsPage } from './errors-page.ts';
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
  const severity = rule === undefined ? '' : `${rule.severity}: `;
  const why = withoutLinks(rule?.why ?? whyOf(code));
  const output = `${code}\n\n${severity}${message}\n\n${why}\n\nFix: ${hint}\n`;
  return { end: 'good', output, findings: [] };
}

/** Of a code that no rule of doctor has: what docs/errors.md says between the message and the hint. */
function whyOf(code: string): string {
  if (code === 'LG_DOCTOR_IGNORE')
    return 'An ignore that matches nothing would hide the next finding of its code.';
  const [, section = ''] = readErrorsPage().split(`\n### ${code}\n`);
  const [, why = ''] = /\nMessage: .*\n\n([\s\S]*?)\n\nHint: /.exec(section) ?? [];
  return why;
}

/** They lead nowhere in a terminal. */
function withoutLinks(markdown: string): string {
  return markdown.replaceAll(/\[([^\]]+)\]\([^)]*\)/g, '$1');
}
