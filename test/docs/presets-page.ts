/**
 * The part of docs/presets.md that is generated from the presets. `--write` updates the page.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dump } from 'js-yaml';
import type { Parameter } from '../../sidecar/src/presets/preset.ts';
import { PRESETS, type PresetName } from '../../sidecar/src/presets/presets.ts';
import { renderDefaults } from '../../sidecar/src/presets/render.ts';

const PAGE = join(import.meta.dirname, '../../docs/presets.md');
/** What comes before it is written by hand. */
const MARK = '<!-- from here on: node test/docs/presets-page.ts --write -->\n';

/** The page as it is, and as it should be. */
export function presetsPage(): { readonly actual: string; readonly expected: string } {
  const actual = readFileSync(PAGE, 'utf8');
  const [byHand = ''] = actual.split(MARK);
  const sections = (Object.keys(PRESETS) as PresetName[]).map(sectionOf);
  return { actual, expected: `${byHand}${MARK}\n${sections.join('\n')}` };
}

function sectionOf(name: PresetName): string {
  const { about, needs, limits, rollback, parameters, sources } = PRESETS[name];
  return `## ${name}

${about}

| parameter | description | default |
| --- | --- | --- |
${Object.entries(parameters).map(rowOf).join('')}
${needs.map((need) => `- Needs: ${need}\n`).join('')}${limits.map((limit) => `- ${limit}\n`).join('')}- Rollback: ${rollback}

\`\`\`yaml
${dump(renderDefaults(name), { lineWidth: -1, noRefs: true })}\`\`\`

${sources.map((source) => `Source: ${source}.\n`).join('\n')}`;
}

function rowOf([name, parameter]: readonly [string, Parameter]): string {
  const { about, default: fallback, required, example } = parameter;
  const shown = fallback === undefined ? `e.g. ${code(example)}` : code(fallback);
  return `| \`${name}\` | ${about} | ${required === true ? `required, ${shown}` : shown} |\n`;
}

function code(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return `\`${text.replaceAll('|', '\\|')}\``;
}

if (process.argv.includes('--write')) writeFileSync(PAGE, presetsPage().expected);
