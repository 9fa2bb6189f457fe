import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { programEnvironment } from './programs/programs.ts';

/** Runs kubectl and returns what it prints, also if it fails. */
export function kubectl(
  kubeconfig: string,
  args: readonly string[],
  input?: string | Buffer,
): SpawnSyncReturns<string> {
  const { PATH } = programEnvironment();
  const env = { ...process.env, PATH, KUBECONFIG: kubeconfig };
  return spawnSync('kubectl', args, {
    env,
    encoding: 'utf8',
    ...(input === undefined ? {} : { input }),
  });
}
