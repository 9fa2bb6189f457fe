import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { both, contract, ours } from './case.ts';
import type { Hook } from './hook.ts';
import type { Rig } from './rig.ts';

/** Name, type and text of each metric, as dashboards and alerts know them. */
const METRICS = [
  [
    'last_reload_error',
    'gauge',
    'Whether the last reload resulted in an error (1 for error, 0 for success)',
  ],
  ['last_request_duration_seconds', 'gauge', 'Duration of last webhook request'],
  ['success_reloads_total', 'counter', 'Total success reload calls'],
  ['request_errors_total', 'counter', 'Total request errors by reason'],
  ['watcher_errors_total', 'counter', 'Total filesystem watcher errors'],
  ['requests_total', 'counter', 'Total requests by response status code'],
] as const;

/** What else each of them needs; without a flag nothing is read. */
const MODES: Readonly<Record<string, (rig: Rig) => Promise<readonly string[]>>> = {
  'without a switch': async () => [],
  '--schema': async (rig) => {
    const path = join(rig.dir, 'config.schema.json');
    await writeFile(path, '{"type": "object"}');
    return [`--schema=${path}`];
  },
  '--shape': async () => ['--shape=warn'],
  '--publish': async (rig) => [`--publish=${join(rig.dir, 'live')}`],
  '--publish and --shape': async (rig) => [`--publish=${join(rig.dir, 'live')}`, '--shape=warn'],
};

/** What an app reads: the published directory if there is one. */
function readByApp(rig: Rig): Promise<string> {
  return readFile(join(rig.dir, 'live/config.yaml'), 'utf8').catch(() => rig.read());
}

/** One change that every URL accepts. */
async function change(rig: Rig, hooks: readonly Hook[], text: string): Promise<void> {
  const seen = hooks.map(({ told }) => told.length);
  await rig.write(text);
  await rig.until(() => hooks.every(({ told }, index) => told.length > (seen[index] ?? 0)), 'all');
  for (const { url } of hooks) await rig.metric('last_reload_error', `webhook="${url}"`, 0);
}

/** The gauges that tell good from bad and are not 0: errors of a URL, degraded and not ready. */
async function gauges(rig: Rig): Promise<readonly string[]> {
  const { text = '' } = (await rig.page('/metrics')) ?? {};
  const lines = text
    .split('\n')
    .filter((line) => /^(lastgood_(degraded|ready)|\w+_last_reload_error)\{/.test(line));
  return lines
    .filter((line) => !line.endsWith(' 0'))
    .map((line) => line.replace(/\{.*/, ''))
    .toSorted();
}

contract('metrics', () => {
  both(
    'every metric has its name, type and text, and before the first change no series',
    async (rig) => {
      const [good, bad] = [await rig.hook(), await rig.hook()];
      bad.onTold = () => ({ status: 500 });
      await rig.start([good.url, bad.url]);
      assert.deepEqual(await rig.series(), { configmap_reload_watcher_errors_total: 0 });
      await rig.write('second');
      await rig.metric('last_reload_error', `webhook="${bad.url}"`, 1);
      const { text = '', type = '' } = (await rig.page('/metrics')) ?? {};
      assert.match(type, /^text\/plain/);
      for (const [name, kind, help] of METRICS) {
        assert.ok(text.includes(`# HELP configmap_reload_${name} ${help}\n`), name);
        assert.ok(text.includes(`# TYPE configmap_reload_${name} ${kind}\n`), name);
      }
    },
  );

  both('a success: the status, a duration, no error', async (rig) => {
    const hook = await rig.hook();
    await rig.start([hook.url]);
    await rig.write('second');
    await rig.metric('last_reload_error', `webhook="${hook.url}"`, 0);
    const {
      [`configmap_reload_last_request_duration_seconds{webhook="${hook.url}"}`]: seconds,
      ...rest
    } = await rig.series();
    assert.ok(seconds !== undefined && seconds > 0 && seconds < 30);
    assert.deepEqual(rest, {
      configmap_reload_watcher_errors_total: 0,
      [`configmap_reload_last_reload_error{webhook="${hook.url}"}`]: 0,
      [`configmap_reload_success_reloads_total{webhook="${hook.url}"}`]: 1,
      [`configmap_reload_requests_total{status_code="200",webhook="${hook.url}"}`]: 1,
    });
  });

  both(
    'status 204 is an error if the flag says 200, and counts its retries as used up',
    async (rig) => {
      const hook = await rig.hook();
      hook.onTold = () => ({ status: 204 });
      await rig.start([hook.url]);
      await rig.write('second');
      const errors = (reason: string) => `reason="${reason}",webhook="${hook.url}"`;
      await rig.metric('request_errors_total', errors('retries_exhausted'), 1);
      await rig.metric('request_errors_total', errors('client_response'), 1);
      await rig.metric('requests_total', `status_code="204",webhook="${hook.url}"`, 1);
      await rig.metric('last_reload_error', `webhook="${hook.url}"`, 1);
    },
  );

  both('--webhook-status-code=204 makes 204 a success and 200 an error', async (rig) => {
    const [yes, no] = [await rig.hook(), await rig.hook()];
    yes.onTold = () => ({ status: 204 });
    await rig.start([yes.url, no.url], '--webhook-status-code=204');
    await rig.write('second');
    await rig.metric('success_reloads_total', `webhook="${yes.url}"`, 1);
    await rig.metric('request_errors_total', `reason="client_response",webhook="${no.url}"`, 1);
  });

  both('a request without an answer counts as client_request_do, and as no status', async (rig) => {
    const hook = await rig.hook();
    await hook.stop();
    await rig.start([hook.url]);
    await rig.write('second');
    await rig.metric('request_errors_total', `reason="client_request_do",webhook="${hook.url}"`, 1);
    await rig.metric('last_reload_error', `webhook="${hook.url}"`, 1);
    assert.ok(!Object.keys(await rig.series()).some((name) => name.includes('requests_total')));
  });

  both('a success after an error takes the error back', async (rig) => {
    const hook = await rig.hook();
    const isSeen = Promise.withResolvers<void>();
    hook.onTold = async () => {
      if (hook.told.length === 1) return { status: 500 };
      await isSeen.promise;
      return { status: 200 };
    };
    await rig.start([hook.url], '--webhook-retries=2');
    await rig.write('second');
    await rig.metric('last_reload_error', `webhook="${hook.url}"`, 1);
    isSeen.resolve();
    await rig.metric('last_reload_error', `webhook="${hook.url}"`, 0);
    await rig.metric('requests_total', `status_code="500",webhook="${hook.url}"`, 1);
  });

  both('--web.telemetry-path is where the metrics are', async (rig) => {
    await rig.start(['http://127.0.0.1:1'], '--web.telemetry-path=/some/metrics');
    assert.deepEqual(await rig.series('/some/metrics'), {
      configmap_reload_watcher_errors_total: 0,
    });
    assert.match((await rig.page('/'))?.text ?? '', /\/some\/metrics/);
  });

  both('a password in the label is xxxxx', async (rig) => {
    const hook = await rig.hook();
    await rig.start([`http://user:canary@${hook.host}/x`]);
    await rig.write('second');
    await rig.metric('success_reloads_total', `webhook="http://user:xxxxx@${hook.host}/x"`, 1);
    assert.doesNotMatch((await rig.page('/metrics'))?.text ?? '', /canary/);
  });

  for (const [mode, flags] of Object.entries(MODES))
    ours(`${mode}: good, bad and the same good again: no error is left`, async (rig) => {
      const hooks = [await rig.hook(), await rig.hook()];
      await rig.write('size: 1\n');
      await rig.start(
        hooks.map(({ url }) => url),
        ...(await flags(rig)),
      );
      await change(rig, hooks, 'size: 2\n');
      const before = await gauges(rig);
      for (const hook of hooks)
        hook.onTold = async () => ({ status: (await readByApp(rig)) === 'size: 3\n' ? 500 : 200 });
      const [first] = hooks;
      assert.ok(first);
      await rig.write('size: 3\n');
      await rig.metric('last_reload_error', `webhook="${first.url}"`, 1);
      await rig.until(async () => !!(await gauges(rig)).includes('lastgood_degraded'), 'degraded');
      await rig.write('size: 2\n');
      await rig.until(async () => (await gauges(rig)).join() === before.join(), 'the same gauges');
    });
});
