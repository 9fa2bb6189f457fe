/** `node test/monitoring/render.ts --write`: writes the rendered files of `deploy/monitoring/`. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MIXIN, renderMixin, skip } from './jsonnet.ts';

if (skip !== false) throw new Error(skip);
if (process.argv.includes('--write'))
  for (const [name, text] of Object.entries(renderMixin())) writeFileSync(join(MIXIN, name), text);
