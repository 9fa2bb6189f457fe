import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';

const PROGRAM = join(import.meta.dirname, 'fixtures/many-changes-program.ts');
/** It takes some seconds on an idle machine. */
const timeout = 200_000;

for (const swap of ['beside', 'replace'])
  test(`P1 ${swap}: 100,000 changes under 64 users tear nothing, and leak nothing`, async () => {
    await promisify(execFile)(process.execPath, ['--expose-gc', PROGRAM, swap], { timeout });
  });
