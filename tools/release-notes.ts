/**
 * `npm run release:notes -- v1.2.3` prints what CHANGELOG.md says about this version: the notes of the
 * GitHub release. Ends with 1 where the tag, the changelog and sidecar/package.json do not agree.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import manifest from '../sidecar/package.json' with { type: 'json' };

/** The part of the changelog below the heading of this version. Throws with what does not agree. */
export function readReleaseNotes(changelog: string, tag: string, version: string): string {
  if (tag !== `v${version}`)
    throw new Error(`the tag is ${tag}, and the version in sidecar/package.json is ${version}`);
  const sections = changelog.split(/^## /m).slice(1);
  const section = sections.find((part) => part.startsWith(`[${version}] - `));
  if (section === undefined)
    throw new Error(`CHANGELOG.md has no heading "## [${version}] - YYYY-MM-DD"`);
  const notes = section.slice(section.indexOf('\n')).trim();
  if (notes === '') throw new Error(`CHANGELOG.md says nothing about ${version}`);
  return notes;
}

if (import.meta.main) {
  try {
    const changelog = readFileSync(join(import.meta.dirname, '../CHANGELOG.md'), 'utf8');
    const notes = readReleaseNotes(changelog, process.argv[2] ?? '', manifest.version);
    process.stdout.write(`${notes}\n`);
  } catch (error) {
    process.stderr.write(`release:notes: ${(error as Error).message}\n`);
    process.exitCode = 1;
  }
}
