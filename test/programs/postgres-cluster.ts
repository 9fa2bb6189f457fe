import { execFileSync } from 'node:child_process';
import { chmod, chown, mkdir } from 'node:fs/promises';
import { DEADLINE_MS } from '../deadline.ts';
import { pathOf } from './programs.ts';

const UNPRIVILEGED = 65_534;

/** PostgreSQL does not run as root. */
export const postgresUser =
  process.getuid?.() === 0 ? { uid: UNPRIVILEGED, gid: UNPRIVILEGED } : {};

/** An empty database with the user `postgres`. `data` must not exist yet. */
export async function createCluster(data: string): Promise<void> {
  await mkdir(data);
  if (postgresUser.uid !== undefined) await chown(data, UNPRIVILEGED, UNPRIVILEGED);
  await chmod(data, 0o700);
  const initdb = ['-D', data, '-U', 'postgres', '--auth=trust', '--no-sync', '--locale=C'];
  const options = { ...postgresUser, cwd: '/', timeout: DEADLINE_MS, stdio: 'pipe' } as const;
  execFileSync(pathOf('initdb'), initdb, options);
}
