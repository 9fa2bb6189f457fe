import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** Runs `go build` in a folder, static. Rejects with the last line that it printed. */
export async function goBuild(
  dir: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<void> {
  const build = spawn('nice', ['-n', '10', 'go', 'build', ...args], {
    cwd: dir,
    env: { ...process.env, CGO_ENABLED: '0', ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let last = '';
  createInterface({ input: build.stderr }).on('line', (line) => {
    last = line;
  });
  const [code, signal] = await once(build, 'close');
  if (code !== 0) throw new Error(last || `go build ended with ${code ?? signal}`);
}
