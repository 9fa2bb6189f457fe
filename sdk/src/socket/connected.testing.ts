import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { DEADLINE_MS } from '../../../test/deadline.ts';
import { ACCEPT, App, textsOf } from '../app.testing.ts';
import { createSocketProvider } from './socket-provider.ts';
import { StandIn } from './stand-in.testing.ts';

export function connect(
  t: TestContext,
  { socket }: Pick<StandIn, 'socket'>,
  options: { readonly bundle?: string } = { bundle: 'model' },
) {
  const provider = createSocketProvider({ socket, ...options });
  t.after(() => provider.close());
  const app = new App();
  const start = (signal = AbortSignal.timeout(DEADLINE_MS)) => provider.start(app, signal);
  return { provider, app, start };
}

/** From now on no timer of the client ends, such as that of `close`, however slow this machine is. */
export function holdTimers(t: TestContext): void {
  t.mock.timers.enable({ apis: ['setTimeout'] });
}

/** An app that runs on the first version of a sidecar. */
export async function connected(t: TestContext, heartbeatMs = 15_000) {
  const sidecar = await StandIn.listen(t, { a: '1' });
  sidecar.heartbeatMs = heartbeatMs;
  const { provider, app, start } = connect(t, sidecar);
  assert.deepEqual(textsOf(await start()), { a: '1' });
  provider.started?.(ACCEPT);
  await sidecar.untilAck('start', 'accept');
  return { sidecar, provider, app };
}
