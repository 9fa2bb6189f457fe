/** A fake dashboard of Ray with Serve. Source: Ray documentation, Serve REST API. */
import type { TestContext } from 'node:test';
import { type FakeServer, serveFake } from './server.ts';

export interface FakeRay extends FakeServer {
  /** The bodies that were deployed. */
  readonly deployed: readonly string[];
  deploy(config: string): void;
}

export async function fakeRay(context: TestContext): Promise<FakeRay> {
  const deployed: string[] = [];
  let status = 'NOT_STARTED';
  const deploy = (config: string) => {
    deployed.push(config);
    status = 'DEPLOYING';
    // It is taken at once, and applied later.
    const isBad = config.includes('no_such_module');
    setTimeout(() => {
      status = isBad ? 'DEPLOY_FAILED' : 'RUNNING';
    }, 100);
  };
  const server = await serveFake(context, ({ method, path, body }) => {
    if (path !== '/api/serve/applications/') return { status: 404 };
    if (method === 'PUT') {
      deploy(body);
      return { status: 200 };
    }
    return { status: 200, body: { applications: { default: { name: 'default', status } } } };
  });
  return { ...server, deployed, deploy };
}
