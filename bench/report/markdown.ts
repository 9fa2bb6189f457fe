import type { Machine } from '../machine.ts';
import type { Section, Table } from '../section.ts';
import { targetTable } from './targets.ts';

/** The whole of `RESULTS.md`. */
export function resultsMarkdown(machine: Machine, sections: readonly Section[]): string {
  const facts = [...machine].map(([name, fact]) => `- ${name}: ${fact}`);
  const targets = sections.flatMap((section) => section.targets);
  return `# What lastgood costs

Written by \`npm run bench\`, in one run on one machine; measure on yours before you rely on a number.

${facts.join('\n')}

## Targets

${markdownTable(targetTable(targets))}
${sections.map(sectionMarkdown).join('\n')}`;
}

function sectionMarkdown({ title, tables, notes }: Section): string {
  const list = notes.map((note) => `- ${note}`);
  return `## ${title}\n\n${tables.map(markdownTable).join('\n')}\n${list.join('\n')}\n`;
}

function markdownTable({ columns, rows }: Table): string {
  const rule = columns.map((_, index) => (index === 0 ? '---' : '---:'));
  return `${[columns, rule, ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n')}\n`;
}
