import assert from 'node:assert/strict';
import {
  cp,
  mkdir,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { contract, differs, ended } from './case.ts';
import { DIFFERENCES } from './differences.ts';
import type { Rig } from './rig.ts';
import { LASTGOOD } from './subjects.ts';

test('every difference has a case that shows it', async () => {
  const names = await readdir(import.meta.dirname);
  const files = names.filter((name) => name.endsWith('.test.ts'));
  const texts = await Promise.all(
    files.map((name) => readFile(join(import.meta.dirname, name), 'utf8')),
  );
  const shown = new Set(
    texts.flatMap((text) => [...text.matchAll(/differs\(\s*'([^']+)'/g)].map(([, id]) => id)),
  );
  assert.deepEqual(
    DIFFERENCES.map(({ id }) => id).filter((id) => !shown.has(id)),
    [],
  );
});

/** Swaps `..data` to a directory that holds the same, as the kubelet does for a token's volume. */
async function swapToTheSame(rig: Rig): Promise<void> {
  const root = rig.path('config');
  const old = await readlink(join(root, '..data'));
  await cp(join(root, old), join(root, '..same'), { recursive: true });
  await symlink('..same', join(root, '..data_tmp'));
  await rename(join(root, '..data_tmp'), join(root, '..data'));
}

/** A failure after which nothing is tried again before the test is over. */
const LATER = { status: 503, headers: { 'retry-after': '900' } } as const;

/** No process listens there. */
const DEAD = 'http://127.0.0.1:1';

contract('differences', () => {
  differs(
    'one URL, one queue',
    'a URL that is dead or slow holds up no other one',
    async (rig) => {
      const [slow, hook] = [await rig.hook(), await rig.hook()];
      slow.onTold = () => new Promise(() => {});
      await rig.start([DEAD, slow.url, hook.url], '--webhook-retries=-1');
      await rig.write('second');
      await rig.until(() => hook.told.length === 1 && slow.told.length === 1, 'request');
      await rig.write('third');
      await rig.until(() => hook.told.length === 2, 'request');
    },
    async (rig) => {
      const [slow, hook] = [await rig.hook(), await rig.hook()];
      let answer = () => {};
      slow.onTold = () =>
        new Promise((resolve) => {
          answer = () => resolve({ status: 200 });
        });
      await rig.start([slow.url, hook.url]);
      await rig.write('second');
      await rig.until(() => slow.told.length === 1, 'request');
      assert.equal(hook.told.length, 0);
      answer();
      await rig.until(() => hook.told.length === 1, 'request');
    },
  );

  differs(
    'a newer change',
    'of another volume goes out at once during a retry, and replaces it',
    async (rig) => {
      const hook = await rig.hook();
      hook.onTold = () => (hook.told.length === 1 ? LATER : { status: 200 });
      await rig.write('first', 'more');
      await rig.start([hook.url], '--webhook-retries=5', `--volume-dir=${rig.path('more')}`);
      await rig.write('second');
      await rig.metric('last_reload_error', `webhook="${hook.url}"`, 1);
      await rig.write('second', 'more');
      await rig.metric('last_reload_error', `webhook="${hook.url}"`, 0);
      assert.equal(hook.told.length, 2);
    },
  );

  differs('retries used up', 'it is sent again, and the last content is not lost', async (rig) => {
    const hook = await rig.hook();
    hook.onTold = () => ({ status: hook.told.length === 1 ? 500 : 200 });
    await rig.start([hook.url]);
    await rig.write('second');
    await rig.metric('request_errors_total', `reason="retries_exhausted",webhook="${hook.url}"`, 1);
    await rig.metric('success_reloads_total', `webhook="${hook.url}"`, 1);
    assert.ok(hook.told.length >= 2);
  });

  differs(
    'endpoint is down',
    'an app that starts later gets the request, whatever the retries',
    async (rig) => {
      const hook = await rig.hook();
      await hook.stop();
      await rig.start([hook.url]);
      await rig.write('second');
      await rig.metric('last_reload_error', `webhook="${hook.url}"`, 1);
      await hook.start();
      await rig.metric('success_reloads_total', `webhook="${hook.url}"`, 1);
      const exhausted = `configmap_reload_request_errors_total{reason="retries_exhausted",webhook="${hook.url}"}`;
      assert.equal((await rig.series())[exhausted], undefined);
    },
  );

  differs('the pause', 'the second try comes after 5 to 10 s', async (rig) => {
    const hook = await rig.hook();
    const atMs: number[] = [];
    hook.onTold = () => ({ status: atMs.push(performance.now()) === 1 ? 500 : 200 });
    await rig.start([hook.url], '--webhook-retries=2');
    await rig.write('second');
    await rig.until(() => atMs.length === 2, 'second try');
    const [first = 0, second = 0] = atMs;
    assert.ok(second - first > 4_900, `${second - first} ms`);
  });

  differs(
    'webhook-retries=0',
    'is one try',
    async (rig) => {
      const hook = await rig.hook();
      await rig.start([hook.url], '--webhook-retries=0');
      await rig.write('second');
      await rig.metric('success_reloads_total', `webhook="${hook.url}"`, 1);
    },
    async (rig) => {
      const hook = await rig.hook();
      await rig.start([hook.url], '--webhook-retries=0');
      await rig.write('second');
      const labels = `reason="retries_exhausted",webhook="${hook.url}"`;
      await rig.metric('request_errors_total', labels, 1);
      assert.equal(hook.told.length, 0);
    },
  );

  differs('no answer', 'counts as a failure after 30 s', async (rig) => {
    const { stdout } = ended(
      { ...rig.subject, command: [...rig.subject.command, 'explain'] as const },
      '--volume-dir=/config',
      `--webhook-url=${DEAD}`,
    );
    assert.match(stdout, /^ +timeout: 30s$/m);
  });

  differs(
    'the same content',
    'sends no request if it reads the content',
    async (rig) => {
      const hook = await rig.hook();
      await rig.start([hook.url], '--shape=warn');
      await swapToTheSame(rig);
      await rig.write('second');
      await rig.until(() => hook.told.length === 1, 'request');
      await rig.write('third');
      await rig.until(() => hook.told.length === 2, 'request');
      await rig.metric('success_reloads_total', `webhook="${hook.url}"`, 2);
    },
    async (rig) => {
      const hook = await rig.hook();
      await rig.start([hook.url]);
      await swapToTheSame(rig);
      await rig.until(() => hook.told.length === 1, 'request');
    },
  );

  differs('plain directories', 'a change of a file sends a request', async (rig) => {
    const hook = await rig.hook();
    const plain = rig.path('plain');
    await mkdir(plain);
    await writeFile(join(plain, 'app.conf'), 'first');
    await rig.start([hook.url], `--volume-dir=${plain}`);
    await writeFile(join(plain, 'app.conf'), 'second');
    // A busy machine may take longer than that between emptying the file and writing it.
    await rig.until(() => hook.told.length > 0, 'request');
  });

  differs('a volume that is replaced', 'is watched again', async (rig) => {
    const hook = await rig.hook();
    await rig.start([hook.url]);
    await rm(rig.path('config'), { recursive: true });
    await mkdir(rig.path('config'));
    await rig.write('second');
    await rig.until(() => hook.told.length > 0, 'request');
  });

  differs('what cannot be read', 'sends no request, and is in the log', async (rig) => {
    const hook = await rig.hook();
    await rig.start([hook.url], '--shape=warn');
    await rm(join(rig.path('config'), '..data'));
    await rig.until(() => rig.output.includes('LG_CAPTURE_'), 'line of the log');
    const degraded = 'lastgood_degraded{bundle="webhook-0"} 1';
    await rig.until(
      async () => (await rig.page('/metrics'))?.text.includes(degraded) ?? false,
      degraded,
    );
    assert.equal(hook.told.length, 0);
  });

  differs('credentials', 'none is in any output, whatever fails (P8)', async (rig) => {
    const hook = await rig.hook();
    hook.onTold = () => ({ status: 500 });
    const urls = [
      `http://user:canary1@${hook.host}/x?token=canary2`,
      `http://canary3@${hook.host}/#canary4`,
      'http://user:canary5@127.0.0.1:1/?canary6',
      'http://user:canary%ZZ7@127.0.0.1:1/malformed',
      'https://user:canary8@127.0.0.1:1/?canary9',
    ];
    await rig.start(urls);
    await rig.write('second');
    const failed = (name: string) => name.startsWith('configmap_reload_last_reload_error{');
    await rig.until(
      async () => Object.keys(await rig.series()).filter(failed).length === urls.length,
      'failure of each URL',
    );
    const pages = ['/', '/metrics', '/status', '/readyz'].map((path) => rig.page(path));
    const shown = (await Promise.all(pages)).map((page) => page?.text).join('\n');
    assert.doesNotMatch(shown + rig.output, /canary/);
    const explain = { ...LASTGOOD, command: [...LASTGOOD.command, 'explain'] as const };
    const flags = urls.map((url) => `--webhook-url=${url}`);
    const { status, stdout, stderr } = ended(explain, '--volume-dir=/config', ...flags);
    assert.equal(status, 0);
    assert.doesNotMatch(stdout + stderr, /canary/);
  });

  differs('the request', 'says which bundle, version and rollout it is', async (rig) => {
    const hook = await rig.hook();
    await rig.start([hook.url]);
    await rig.write('second');
    await rig.until(() => hook.told.length === 1, 'request');
    const { headers } = hook.told[0] ?? {};
    assert.equal(headers?.['lastgood-bundle'], 'webhook-0');
    assert.match(String(headers?.['lastgood-version']), /^sha256:[0-9a-f]{64}$/);
    assert.equal(headers?.['user-agent'], undefined);
    assert.equal(headers?.['accept-encoding'], undefined);
  });

  differs('redirects', 'more than 5 are a failure', async (rig) => {
    const hook = await rig.hook();
    hook.onTold = ({ path }) => {
      const left = Number(path.slice(1));
      if (left === 0) return { status: 200 };
      return { status: 307, headers: { location: `/${left - 1}` } };
    };
    await rig.start([`${hook.url}/5`, `${hook.url}/6`]);
    await rig.write('second');
    await rig.metric('last_reload_error', `webhook="${hook.url}/5"`, 0);
    await rig.metric('last_reload_error', `webhook="${hook.url}/6"`, 1);
  });

  differs('proxies', 'none is used because of HTTP_PROXY alone', async (rig, context) => {
    const [proxy, hook] = [await rig.hook(), await rig.hook()];
    process.env.HTTP_PROXY = proxy.url;
    context.after(() => delete process.env.HTTP_PROXY);
    await rig.start([hook.url]);
    delete process.env.HTTP_PROXY;
    await rig.write('second');
    await rig.until(() => hook.told.length === 1, 'request');
    assert.equal(proxy.told.length, 0);
  });

  differs('last_request_duration_seconds', 'is that of the last request alone', async (rig) => {
    const hook = await rig.hook();
    const atMs: number[] = [];
    hook.onTold = () =>
      atMs.push(performance.now()) === 1
        ? { status: 503, headers: { 'retry-after': '15' } }
        : { status: 200 };
    await rig.start([hook.url], '--webhook-retries=2');
    await rig.write('second');
    await rig.metric('success_reloads_total', `webhook="${hook.url}"`, 1);
    const series = `configmap_reload_last_request_duration_seconds{webhook="${hook.url}"}`;
    const seconds = (await rig.series())[series] ?? Number.POSITIVE_INFINITY;
    const [first = 0, second = 0] = atMs;
    // With the pause before it, it would be longer than from one request to the next.
    assert.ok(seconds * 1000 < second - first, `${seconds} s`);
  });

  differs('the log', 'is a line of JSON for each step', async (rig) => {
    const hook = await rig.hook();
    await rig.start([hook.url]);
    await rig.write('second');
    await rig.until(() => rig.output.includes('"step":"deliver"'), 'line of the log');
    const lines = rig.output.trim().split('\n');
    for (const line of lines) assert.equal(typeof JSON.parse(line).msg, 'string');
  });

  differs('other pages', 'are 404, and / lists what there is', async (rig) => {
    await rig.start([DEAD]);
    assert.equal((await rig.page('/else'))?.status, 404);
    assert.equal((await rig.page('/'))?.text, 'lastgood\n\n/metrics\n/healthz\n/readyz\n/status\n');
    assert.equal((await rig.page('/healthz'))?.text, 'ok\n');
  });

  differs(
    'SIGTERM',
    'ends it with 0',
    async (rig) => {
      await rig.start([DEAD]);
      assert.equal(await rig.stop('SIGTERM'), 0);
    },
    async (rig) => {
      await rig.start([DEAD]);
      assert.equal(await rig.stop('SIGTERM'), 'SIGTERM');
    },
  );
});
