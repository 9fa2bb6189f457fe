import { readSection } from '../../docs/repository.ts';

/** The settings of deploy/README.md, as they are there. */
export function readSettings(): string {
  const [, text] = /```yaml\n(.*?)```/s.exec(readSection('deploy/README.md', '## Use')) ?? [];
  if (text === undefined) throw new Error('deploy/README.md has no settings');
  return text;
}
