/**
 * The part of docs/doctor.md that is generated from the rules. `--write` updates the page.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ERRORS } from '@lastgood/core/model/error-codes.ts';
import { formatFinding } from '@lastgood/core/model/finding.ts';
import { findingsInText } from '../../sidecar/src/cli/doctor/doctor.testing.ts';
import type { Rule } from '../../sidecar/src/cli/doctor/rule.ts';
import { RULES } from '../../sidecar/src/cli/doctor/rules.ts';
import { ROOT } from './repository.ts';

const PAGE = join(ROOT, 'docs/doctor.md');
const FIXTURES = join(ROOT, 'sidecar/src/cli/doctor/fixtures');
/** What comes before it is written by hand. */
const MARK = '<!-- from here on: node test/docs/doctor-page.ts --write -->\n';
/** The version of the examples. */
const MINOR = 34;

/** The page as it is, and as it should be. */
export async function doctorPage() {
  const actual = readFileSync(PAGE, 'utf8');
  const [byHand = ''] = actual.split(MARK);
  const sections = await Promise.all(RULES.map(sectionOf));
  return { actual, expected: `${byHand}${MARK}\n${sections.join('\n')}` };
}

async function sectionOf({ code, severity, why }: Rule): Promise<string> {
  const { message, hint, step } = ERRORS[code];
  const name = code.replace('LG_DOCTOR_', '').toLowerCase().replaceAll('_', '-');
  const text = readFileSync(join(FIXTURES, `${name}.bad.yaml`), 'utf8');
  const manifest = text.replaceAll(/ +# bad.*$/gm, '');
  const findings = await findingsInText(manifest, 'm.yaml', MINOR);
  const lines = findings.flatMap((each) =>
    each.code === code ? `    ${formatFinding(each)}\n      hint: ${each.hint}\n` : [],
  );
  return `### ${code}

Step: ${step}

Message: \`${message}\`

${why}

Severity: ${severity}.

Hint: ${hint}

\`\`\`yaml
${manifest}\`\`\`

${lines.join('')}`;
}

if (process.argv.includes('--write')) writeFileSync(PAGE, (await doctorPage()).expected);
