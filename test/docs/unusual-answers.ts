/**
 * The table at the end of docs/targets.md, from what the tests of the HTTP client record. `--write`
 * updates the page.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { recordedVerdicts, type Verdict } from '../contract/http-client/verdicts.ts';

const PAGE = join(import.meta.dirname, '../../docs/targets.md');
/** What comes before it is written by hand. */
const MARK = '<!-- from here on: node test/docs/unusual-answers.ts --write -->\n';

/** The page as it is, and as it should be. */
export function targetsPage(): { readonly actual: string; readonly expected: string } {
  const actual = readFileSync(PAGE, 'utf8');
  const [byHand = ''] = actual.split(MARK);
  const rows = Object.entries(recordedVerdicts()).map(rowOf);
  const head = `| the app | Go | status | reason | version | metric |\n|${' --- |'.repeat(6)}`;
  return { actual, expected: `${byHand}${MARK}\n${head}\n${rows.join('')}` };
}

function rowOf([title, { go, accepted, refused, version, metric }]: [string, Verdict]): string {
  // A status that is the same whatever the app wants to say has no reason and no page.
  const isFixed = go > 200;
  const cells = [
    go === 0 ? 'no' : 'yes',
    accepted === 'accepted' || isFixed ? 'yes' : 'no',
    ...[refused.endsWith('no such model'), version === 'good', metric === 'good'].map((isFound) =>
      isFixed ? '' : isFound ? 'yes' : 'no',
    ),
  ];
  return `| ${[title, ...cells].join(' | ')} |\n`;
}

if (process.argv.includes('--write')) writeFileSync(PAGE, targetsPage().expected);
