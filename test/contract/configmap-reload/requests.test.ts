import assert from 'node:assert/strict';
import { both, contract, ours } from './case.ts';

contract('requests', () => {
  both('the start sends no request; a swap sends a POST without a body', async (rig) => {
    const hook = await rig.hook();
    await rig.start([`${hook.url}/-/reload?from=config`]);
    await rig.write('second');
    await rig.until(() => hook.told.length > 0, 'request');
    const [told, other] = hook.told;
    assert.equal(other, undefined);
    assert.deepEqual([told?.method, told?.path, told?.body], ['POST', '/-/reload?from=config', '']);
    assert.equal(told?.headers['content-length'], '0');
    assert.equal(told?.headers['content-type'], undefined);
    assert.equal(told?.headers.authorization, undefined);
    assert.equal(told?.headers.host, hook.host);
  });

  ours('P3: a swap before the program sees the volume sends a request', async (rig) => {
    const hook = await rig.hook();
    await rig.write('first');
    await rig.startWith(`--volume-dir=${rig.path('config')}`, `--webhook-url=${hook.url}`);
    // The app may have read the first content, and lastgood only ever sees the second.
    await rig.write('second');
    await rig.until(() => hook.told.length > 0, 'request');
  });

  for (const method of ['GET', 'PUT', 'DELETE'])
    both(`--webhook-method=${method}`, async (rig) => {
      const hook = await rig.hook();
      await rig.start([hook.url], `--webhook-method=${method}`);
      await rig.write('second');
      await rig.until(() => hook.told.length > 0, 'request');
      assert.deepEqual([hook.told[0]?.method, hook.told[0]?.body], [method, '']);
    });

  both(
    'userinfo in the URL is basic auth, percent-decoded, with a password or not',
    async (rig) => {
      const hook = await rig.hook();
      await rig.start([`http://us%40er:p%3Aw@${hook.host}`, `http://user@${hook.host}`]);
      await rig.write('second');
      await rig.until(() => hook.told.length === 2, 'requests');
      assert.deepEqual(hook.told.map(({ headers }) => headers.authorization).toSorted(), [
        `Basic ${btoa('us@er:p:w')}`,
        `Basic ${btoa('user:')}`,
      ]);
    },
  );

  both('a change of each volume sends a request to each URL', async (rig) => {
    const [one, other] = [await rig.hook(), await rig.hook()];
    await rig.write('first', 'more');
    await rig.start([one.url, other.url], `--volume-dir=${rig.path('more')}`);
    await rig.write('second');
    await rig.until(() => one.told.length === 1 && other.told.length === 1, 'requests');
    await rig.write('second', 'more');
    await rig.until(() => one.told.length === 2 && other.told.length === 2, 'requests');
  });

  both('each change sends a request, also after a failure', async (rig) => {
    const hook = await rig.hook();
    hook.onTold = () => ({ status: hook.told.length === 1 ? 500 : 200 });
    await rig.start([hook.url]);
    await rig.write('change 1');
    await rig.metric('request_errors_total', `reason="client_response",webhook="${hook.url}"`, 1);
    for (const count of [1, 2]) {
      await rig.write(`change ${count + 1}`);
      await rig.metric('success_reloads_total', `webhook="${hook.url}"`, count);
    }
  });

  both('--webhook-retries=2: what failed is tried once more', async (rig) => {
    const hook = await rig.hook();
    hook.onTold = () => ({ status: hook.told.length === 1 ? 500 : 200 });
    await rig.start([hook.url], '--webhook-retries=2');
    await rig.write('second');
    await rig.metric('success_reloads_total', `webhook="${hook.url}"`, 1);
    assert.equal(hook.told.length, 2);
  });

  both('--webhook-retries=-1: it is tried until it succeeds', async (rig) => {
    const hook = await rig.hook();
    hook.onTold = () => ({ status: hook.told.length < 3 ? 500 : 200 });
    await rig.start([hook.url], '--webhook-retries=-1');
    await rig.write('second');
    await rig.metric('success_reloads_total', `webhook="${hook.url}"`, 1);
    const names = Object.keys(await rig.series());
    assert.ok(!names.some((name) => name.includes('retries_exhausted')));
  });

  both('a redirect is followed: 307 as it was, 302 by GET', async (rig) => {
    const hook = await rig.hook();
    hook.onTold = ({ path }) => {
      if (path === '/done') return { status: 200 };
      const status = path === '/kept' ? 307 : 302;
      return { status, headers: { location: '/done' } };
    };
    await rig.start([`${hook.url}/kept`, `${hook.url}/changed`]);
    await rig.write('second');
    const done = () => hook.told.filter(({ path }) => path === '/done');
    await rig.until(() => done().length === 2, 'requests');
    assert.deepEqual(
      done()
        .map(({ method }) => method)
        .toSorted(),
      ['GET', 'POST'],
    );
  });

  both('a burst of 50 swaps: the last request comes after the last content', async (rig) => {
    const hook = await rig.hook();
    const seen: string[] = [];
    hook.onTold = async () => {
      // In the middle of a swap there may be nothing for a moment.
      seen.push(await rig.read().catch(() => ''));
      return { status: 200 };
    };
    await rig.start([hook.url]);
    const swaps = 50;
    for (let count = 1; count <= swaps; count += 1) await rig.write(`change ${count}`);
    await rig.until(() => seen.at(-1) === `change ${swaps}`, 'the last content');
    assert.ok(hook.told.length <= swaps, `${hook.told.length} requests`);
  });
});
