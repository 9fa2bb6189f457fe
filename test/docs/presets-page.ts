/**
 * The part of docs/presets.md that is made of the presets' data. Run with `--write` it puts it there.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dump } from 'js-yaml';
import { meaningOf } from '../../sidecar/src/presets/expand.ts';
import type { Parameter, Preset, Value } from '../../sidecar/src/presets/preset.ts';
import { PRESETS, type PresetName } from '../../sidecar/src/presets/presets.ts';

const PAGE = join(import.meta.dirname, '../../docs/presets.md');
/** What stands before it is written by hand. */
const MARK = '<!-- from here on: node test/docs/presets-page.ts --write -->\n';

/** The page as it stands, and as it should. */
export function presetsPage(): { readonly actual: string; readonly expected: string } {
  const actual = readFileSync(PAGE, 'utf8');
  const [byHand = ''] = actual.split(MARK);
  const sections = (Object.keys(PRESETS) as PresetName[]).map(sectionOf);
  return { actual, expected: `${byHand}${MARK}\n${sections.join('\n')}` };
}

function sectionOf(name: PresetName): string {
  const preset: Preset = PRESETS[name];
  const { about, needs, limits, back, parameters, sources } = preset;
  return `## ${name}

${about}

| parameter | what it says | default |
| --- | --- | --- |
${Object.entries(parameters).map(rowOf).join('')}
${needs.map((need) => `- Needs: ${need}\n`).join('')}${limits.map((limit) => `- ${limit}\n`).join('')}- The way back: ${back}

\`\`\`yaml
${dump(meaningOf(name), { lineWidth: -1, noRefs: true })}\`\`\`

${sources.map((source) => `Source: ${source}.\n`).join('\n')}`;
}

function rowOf([name, parameter]: readonly [string, Parameter]): string {
  const { about, default: fallback, required, example } = parameter;
  const shown = fallback === undefined ? `e.g. ${code(example)}` : code(fallback);
  return `| \`${name}\` | ${about} | ${required === true ? `required, ${shown}` : shown} |\n`;
}

function code(value: Value | undefined): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return `\`${text.replaceAll('|', '\\|')}\``;
}

if (process.argv.includes('--write')) writeFileSync(PAGE, presetsPage().expected);
