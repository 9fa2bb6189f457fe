import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildActionlint, runActionlint } from './actionlint.ts';
import { findFormMistakes } from './forms.ts';
import { findUnpinnedActions } from './pinned-actions.ts';

const WORKFLOWS = '.github/workflows/*.{yml,yaml}';
const FORMS = ['.github/dependabot.yml', '.github/ISSUE_TEMPLATE/*.yml'];

/** One line for each mistake in the workflows below `root`. Throws where actionlint cannot run. */
export function lintWorkflows(root: string): readonly string[] {
  const missing = buildActionlint();
  if (missing !== undefined) throw new Error(missing);
  return runActionlint(root, findFiles(root, WORKFLOWS));
}

/** One line for each action below `root` that is not pinned. */
export function lintActions(root: string): readonly string[] {
  return lintFiles(root, findFiles(root, WORKFLOWS), findUnpinnedActions);
}

/** One line for each mistake in the forms below `root` and in the settings of Dependabot. */
export function lintForms(root: string): readonly string[] {
  return lintFiles(root, findFiles(root, FORMS), findFormMistakes);
}

function lintFiles(
  root: string,
  paths: readonly string[],
  lint: (path: string, content: string) => readonly string[],
): readonly string[] {
  return paths.flatMap((path) => lint(path, readFileSync(join(root, path), 'utf8')));
}

/** Relative paths. A folder without a file would make every check pass, so that is an error. */
function findFiles(root: string, pattern: string | string[]): readonly string[] {
  const paths = globSync(pattern, { cwd: root }).sort();
  if (paths.length === 0) throw new Error(`there is no ${pattern} in ${root}`);
  return paths;
}
