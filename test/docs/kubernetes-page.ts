/**
 * The table of docs/kubernetes.md, generated from the data of doctor. `--write` updates the page.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  FEATURES,
  type Feature,
  OFF_SINCE,
} from '../../sidecar/src/cli/doctor/kubernetes-versions.ts';
import { ROOT } from './repository.ts';

const PAGE = join(ROOT, 'docs/kubernetes.md');
/** What comes before it is written by hand. */
const MARK = '<!-- from here on: node test/docs/kubernetes-page.ts --write -->\n';

/** The page as it is, and as it should be. */
export function kubernetesPage(): { readonly actual: string; readonly expected: string } {
  const actual = readFileSync(PAGE, 'utf8');
  const [byHand = ''] = actual.split(MARK);
  const table = `| feature | in the spec of a pod | on by default | with the feature gate | gives |
| --- | --- | --- | --- | --- |
${FEATURES.map(rowOf).join('')}
\`gitRepo\` volumes are off by default since 1.${OFF_SINCE.gitRepo}.
`;
  return { actual, expected: `${byHand}${MARK}\n${table}` };
}

function rowOf({ name, paths, value, gateSince, onSince, gate, use }: Feature): string {
  const [path = ''] = paths;
  const shown = value === undefined ? path : `${path}: ${value}`;
  const since = onSince === undefined ? 'not yet' : `1.${onSince}`;
  return `| ${name} | \`${shown}\` | ${since} | 1.${gateSince}, \`${gate}\` | ${use} |\n`;
}

if (process.argv.includes('--write')) writeFileSync(PAGE, kubernetesPage().expected);
