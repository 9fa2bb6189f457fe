import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { DOWNLOAD_WITHIN_MS } from '../../deadline.ts';
import { temporaryDirectory } from '../../kubelet/temporary-directory.ts';
import { startUnusual, UNUSUAL_SERVERS } from './unusual-servers.ts';
import { recordedVerdicts, recordVerdicts } from './verdicts.ts';

/** In CI a skip would hide a missing check. */
const skip = hasGo() || process.env.CI ? false : 'no Go here';

test("the recorded answers are those of Go's client", { skip }, async (t) => {
  const program = join(temporaryDirectory(t), 'client');
  // It may fetch the toolchain of `go.mod`.
  const options = { cwd: import.meta.dirname, timeout: DOWNLOAD_WITHIN_MS };
  execFileSync('go', ['build', '-o', program, '.'], options);
  const urls = await Promise.all(
    UNUSUAL_SERVERS.map(async (server) => {
      const url = await startUnusual(t, server);
      return server.isRepeated ? `2x${url}` : url;
    }),
  );
  const { stdout } = await promisify(execFile)(program, urls);
  const statuses: readonly number[] = JSON.parse(stdout);
  const said = UNUSUAL_SERVERS.map(({ title }, index) => [title, { go: statuses[index] ?? 0 }]);
  if (process.argv.includes('--write')) return recordVerdicts(Object.fromEntries(said));
  const recorded = Object.entries(recordedVerdicts()).map(([title, { go }]) => [title, { go }]);
  assert.deepEqual(said, recorded);
});

function hasGo(): boolean {
  try {
    return execFileSync('go', ['version'], { encoding: 'utf8' }).startsWith('go version');
  } catch {
    return false;
  }
}
