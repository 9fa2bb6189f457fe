/**
 * `npm run lint:workflows`: actionlint for the workflows, the pins of their actions, and the keys of
 * the issue forms and of Dependabot's settings. Ends with 1 after a mistake, or without Go.
 */
import { join } from 'node:path';
import { lintActions, lintForms, lintWorkflows } from './lint.ts';

const ROOT = join(import.meta.dirname, '../..');

try {
  const mistakes = [...lintForms(ROOT), ...lintActions(ROOT), ...lintWorkflows(ROOT)];
  process.stdout.write(mistakes.map((line) => `${line}\n`).join('') || 'no mistakes\n');
  process.exitCode = mistakes.length === 0 ? 0 : 1;
} catch (error) {
  process.stderr.write(`lint:workflows: ${(error as Error).message}\n`);
  process.exitCode = 1;
}
