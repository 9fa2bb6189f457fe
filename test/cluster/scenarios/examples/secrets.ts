import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { temporaryDirectory } from '../../../kubelet/temporary-directory.ts';
import { programEnvironment } from '../../programs/programs.ts';
import { EXAMPLES, type ExampleRun } from './example-run.ts';

/** Makes `kubectl create secret` work for a Secret that is there, too, as the page says. */
const APPLYING = `
kubectl() { command kubectl "$@" --dry-run=client -o yaml | command kubectl --namespace "$NAMESPACE" apply -f -; }
`;

/**
 * Creates or rotates the Secrets of the example by the commands of its page, with another token each time.
 */
export function createSecrets(t: TestContext, run: ExampleRun, token: string): void {
  const page = readFileSync(join(EXAMPLES, 'secrets/README.md'), 'utf8');
  const [, commands = ''] = /```sh\n(.*?)```/s.exec(page) ?? [];
  const script = commands
    .replace('an-example-of-a-token', token)
    .replace('-password=an-example', `$&-${token}`);
  execFileSync('sh', ['-ec', `${APPLYING}${script}`], {
    cwd: temporaryDirectory(t),
    env: { ...process.env, PATH: programEnvironment().PATH, NAMESPACE: run.workspace.name },
    stdio: 'pipe',
  });
}
