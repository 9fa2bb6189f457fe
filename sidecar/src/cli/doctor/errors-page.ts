import { readFileSync } from 'node:fs';

const PAGE = new URL('../../../../docs/errors.md', import.meta.url);

/** The text of docs/errors.md. The build puts it in place of this module (`sidecar/build/inline-errors-page.ts`). */
export function readErrorsPage(): string {
  return readFileSync(PAGE, 'utf8');
}
