import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, realpath, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { PROOF_WITHIN } from '../deadline.ts';
import { generation } from './configs.ts';
import { Pod } from './pod.ts';

test('ready only when something good is published, and a fix makes it ready with no restart', async (context) => {
  const pod = await Pod.create(context);
  await pod.write({ 'config.yaml': 'a: [1\n' });
  pod.start();
  await pod.outcome('rejected');
  const notReady = await pod.page('/readyz');
  assert.equal(notReady.status, 503);
  assert.match(notReady.text, /config\.yaml:1:4: .*\[LG_VALIDATE_SYNTAX\]/);
  assert.equal((await pod.page('/healthz')).status, 200);
  await pod.write(generation(1));
  await pod.outcome('committed');
  assert.equal((await pod.page('/readyz')).status, 200);
  assert.deepEqual(await pod.published(), generation(1));
});

test('a good change reaches the app once, with its event, and is committed', async (context) => {
  const pod = await Pod.create(context, { bundle: { mountedAt: '/config' } });
  const first = await pod.startOn(generation(1));
  const since = pod.lines.length;
  await pod.write({ ...generation(1), 'config.yaml': 'generation: 2\n' });
  const second = await pod.outcome('committed', since);
  assert.equal(pod.app.events.length, 1);
  const [event] = pod.app.events;
  assert.equal(event?.rollout, second.rollout);
  assert.deepEqual(
    { ...event, version: event?.version.slice(7, 19), previous: event?.previous?.slice(7, 19) },
    {
      event: 'reload',
      bundle: 'model',
      version: second.version,
      previous: first.version,
      rollout: second.rollout,
      attempt: 1,
      reason: 'changed',
      changed: ['config.yaml'],
      dir: '/config',
    },
  );
  const steps = pod.lines.slice(since).filter((line) => line.rollout === second.rollout);
  assert.deepEqual(
    steps.map((line) => line.step ?? line.outcome),
    ['capture', 'validate', 'publish', 'deliver', 'confirm', 'commit', 'committed'],
    'one line a step, in the order of the pipeline',
  );
});

test('with reloadOn: meaning a new comment is published and active, and the app is not notified', async (context) => {
  const pod = await Pod.create(context, { bundle: { reloadOn: 'meaning' } });
  await pod.startOn(generation(1));
  const said = {
    'config.yaml': '# why\nmodel: {num_labels: 3, name: bert-base-uncased}\ngeneration: 1\n',
  };
  await pod.write({ ...generation(1), ...said });
  const { version } = await pod.outcome('unchanged');
  assert.deepEqual(await pod.published(), { ...generation(1), ...said });
  assert.equal((await pod.status()).active?.slice(7, 19), version);
  const since = pod.lines.length;
  await pod.write(generation(2));
  await pod.outcome('committed', since);
  assert.deepEqual(
    pod.app.events.map(({ changed, previous }) => [changed, previous?.slice(7, 19)]),
    [[['config.yaml', 'features.json'], version]],
  );
});

test('what is let pass with a warning is in the log and in the status', async (context) => {
  const pod = await Pod.create(context);
  await pod.startOn(generation(1));
  const since = pod.lines.length;
  await pod.write({ ...generation(2), 'config.yaml': 'generation: 2\nmodel:\n  name: bert\n' });
  await pod.outcome('committed', since);
  const said = 'config.yaml:2:1: /model/num_labels is no longer there (was a number)';
  const step = await pod.line(({ step }) => step === 'validate', 'a check', since);
  assert.equal(step.msg, `validate accepted: ${said} [LG_VALIDATE_SHAPE]`);
  assert.equal(step.level, 'warn');
  const { recent } = await pod.status();
  const check = recent[0]?.steps.find(({ step }) => step === 'validate');
  assert.equal(check?.warnings?.[0]?.message, said.slice('config.yaml:2:1: '.length));
});

for (const direct of [false, true])
  test(`a dry run that is refused publishes and tells nothing${direct ? ', in direct mode' : ''}`, async (context) => {
    const pod = await Pod.create(context, { direct });
    pod.bundle.prepare = [{ webhook: { url: `${pod.app.url}/admin/validate` } }];
    await pod.configured();
    await pod.startOn(generation(1));
    pod.app.onPrepare = ({ changed }) =>
      changed.length === 2 ? { status: 422, body: 'no such model' } : { status: 200 };
    const before = pod.app.dryRuns.length;
    await pod.write(generation(2));
    const end = await pod.outcome('rejected');
    assert.match(String(end.msg), /by prepare: .* refused the dry run: no such model/);
    assert.deepEqual(pod.app.dryRuns.at(-1)?.files, generation(2));
    assert.equal(pod.app.dryRuns.length, before + 1);
    if (!direct) assert.deepEqual(await pod.published(), generation(1));
    const since = pod.lines.length;
    const fix = { ...generation(1), 'config.yaml': generation(3)['config.yaml'] ?? '' };
    await pod.write(fix);
    await pod.outcome('committed', since);
    assert.deepEqual(
      pod.app.events.map(({ reason, changed }) => [reason, changed]),
      [['changed', ['config.yaml']]],
    );
    if (direct) return;
    assert.deepEqual(await pod.published(), fix);
    assert.deepEqual(
      (await readdir(pod.live)).filter((name) => name.includes('dry-run')),
      [],
    );
  });

test('P7: killed during a dry run, the sidecar asks the app again, and nothing of the first time is left', async (context) => {
  const pod = await Pod.create(context);
  pod.bundle.prepare = [{ webhook: { url: `${pod.app.url}/admin/validate` } }];
  await pod.configured();
  await pod.startOn(generation(1));
  const asked = Promise.withResolvers<void>();
  pod.app.onPrepare = () => {
    asked.resolve();
    return new Promise(() => {});
  };
  await pod.write(generation(2));
  await asked.promise;
  await pod.kill();
  assert.ok((await readdir(pod.live)).includes('..dry-run'));
  assert.deepEqual(await pod.published(), generation(1));
  pod.app.onPrepare = () => ({ status: 200 });
  const since = pod.lines.length;
  pod.start();
  await pod.outcome('committed', since);
  assert.deepEqual(await pod.published(), generation(2));
  assert.equal((await readdir(pod.live)).includes('..dry-run'), false);
  assert.deepEqual(pod.app.dryRuns.at(-1)?.files, generation(2));
  assert.deepEqual(
    pod.app.events.map(({ reason }) => reason),
    ['changed'],
  );
});

test('a refusal puts the last good one back, and the next good change is applied', async (context) => {
  const pod = await Pod.create(context);
  await pod.startOn(generation(1));
  pod.app.onReload = ({ reason }) =>
    reason === 'changed'
      ? { status: 422, body: JSON.stringify({ reason: 'device cuda is not there' }) }
      : { status: 200 };
  await pod.write(generation(2));
  const end = await pod.outcome('rolled-back');
  assert.match(String(end.msg), /by deliver: .* refused: device cuda is not there .*app runs on/);
  assert.deepEqual(await pod.published(), generation(1));
  assert.deepEqual(
    pod.app.events.map((event) => event.reason),
    ['changed', 'rollback'],
  );
  const { rejected, desired, active } = await pod.status();
  assert.equal(rejected?.version, desired);
  assert.notEqual(active, desired);
  pod.app.onReload = () => ({ status: 200 });
  const since = pod.lines.length;
  await pod.write(generation(3));
  await pod.outcome('committed', since);
  assert.deepEqual(await pod.published(), generation(3));
});

test('a rollback that a fix supersedes is logged as one, with what is known and nothing more', async (context) => {
  const retries = { attempts: 5, backoff: '1s', max: '1s' };
  const pod = await Pod.create(context);
  const url = `${pod.app.url}/admin/reload`;
  pod.bundle.targets = [{ webhook: { url, timeout: '1m', retries } }];
  await pod.configured();
  await pod.startOn(generation(1));
  let bad: string | undefined;
  pod.app.onReload = ({ version, reason }) => {
    bad ??= version;
    const isRefused = version === bad || reason === 'rollback';
    return isRefused ? { status: 422, body: 'no such device' } : { status: 200 };
  };
  const since = pod.lines.length;
  await pod.write(generation(2));
  const isRefused = (line: Record<string, unknown>) => line.back === true && line.attempt === 1;
  await pod.line(isRefused, 'the refusal of the rollback', since);
  await pod.write(generation(3));
  await pod.outcome('committed', since);
  const { level, msg } = await pod.outcome('superseded', since);
  assert.equal(level, 'warn');
  assert.match(
    String(msg),
    /^superseded \w+ during its rollback, after it was rejected by deliver: .*; last confirmed: \w+$/,
  );
});

test('an app that does not get well in time is put back on the last good one', async (context) => {
  const confirm = { within: PROOF_WITHIN, hold: '50ms' };
  const pod = await Pod.create(context, { confirm: false });
  pod.bundle.confirm = { ...confirm, http: { url: `${pod.app.url}/health` } };
  await pod.write(generation(1));
  await pod.configured();
  pod.start();
  await pod.outcome('committed');
  pod.app.onReload = ({ reason }) => {
    pod.app.onHealth = () => (reason === 'rollback' ? 200 : 503);
    return { status: 200 };
  };
  await pod.write(generation(2));
  const end = await pod.outcome('rolled-back');
  const reason = new RegExp(`by confirm: no proof within ${PROOF_WITHIN} .*answers status 503`);
  assert.match(String(end.msg), reason);
  assert.deepEqual(await pod.published(), generation(1));
});

test('an app that dies of a version runs on the last good one again, and then on the fix', async (context) => {
  const retries = { attempts: 3, backoff: '20ms', max: '10s' };
  const pod = await Pod.create(context);
  const url = `${pod.app.url}/admin/reload`;
  pod.bundle.targets = [{ webhook: { url, timeout: '1m', retries } }];
  await pod.configured();
  await pod.startOn(generation(1));
  pod.app.onReload = async () => {
    await pod.app.stop();
    return { status: 200 };
  };
  const since = pod.lines.length;
  await pod.write(generation(2));
  const isBack = (line: Record<string, unknown>) => line.back === true && line.step === 'publish';
  await pod.line(isBack, 'the rollback', since);
  assert.deepEqual(await pod.published(), generation(1), 'what it finds when it starts again');
  pod.app.onReload = () => ({ status: 200 });
  await pod.app.start();
  await pod.outcome('rolled-back', since);
  await pod.write(generation(3));
  await pod.outcome('committed', since);
  assert.deepEqual(await pod.published(), generation(3));
});

test('P7: a lost last good one is kept again while it is still published', async (context) => {
  const pod = await Pod.create(context);
  await pod.startOn(generation(1));
  await pod.kill();
  await rm(join(pod.dir, 'state/model/last-good'), { recursive: true });
  const since = pod.lines.length;
  pod.start();
  await pod.outcome('unchanged', since);
  pod.app.onReload = ({ reason }) => ({ status: reason === 'changed' ? 422 : 200 });
  await pod.write(generation(2));
  await pod.outcome('rolled-back', since);
  assert.deepEqual(await pod.published(), generation(1));
});

test('published content that cannot be read may be any version, so the app is notified', async (context) => {
  const pod = await Pod.create(context);
  await pod.startOn(generation(1));
  await pod.kill();
  const data = await realpath(join(pod.live, '..data'));
  execFileSync('mkfifo', [join(data, 'odd')]);
  const since = pod.lines.length;
  pod.start();
  await pod.outcome('committed', since);
  assert.equal(pod.app.events.length, 1);
  assert.ok(pod.lines.slice(since).some((line) => line.code === 'LG_CAPTURE_KIND'));
  assert.deepEqual(await pod.published(), generation(1));
});

test('a journal that cannot be written shows in the health, and goes on when it can', async (context) => {
  const pod = await Pod.create(context);
  await pod.startOn(generation(1));
  const journal = join(pod.dir, 'state/model/journal.json');
  await rm(journal);
  // A directory in its place stops also root.
  await mkdir(join(journal, 'in the way'), { recursive: true });
  const since = pod.lines.length;
  await pod.write(generation(2));
  await pod.line((line) => line.code === 'LG_COMMIT_STATE', 'the trouble', since);
  const { health } = await pod.status();
  assert.deepEqual([health.state, health.findings[0]?.code], ['degraded', 'LG_COMMIT_STATE']);
  await rm(journal, { recursive: true });
  await pod.outcome('committed', since);
  assert.equal((await pod.status()).health.state, 'ok');
});

test('an absent app keeps the candidate published, and the next attempt reaches it when it is back', async (context) => {
  const retries = { attempts: 2, backoff: '20ms', max: '50ms' };
  const pod = await Pod.create(context);
  const url = `${pod.app.url}/admin/reload`;
  pod.bundle.targets = [{ webhook: { url, timeout: '1m', retries } }];
  await pod.configured();
  await pod.startOn(generation(1));
  await pod.app.stop();
  const since = pod.lines.length;
  await pod.write(generation(2));
  const retried = async () => {
    const { text } = await pod.page('/metrics');
    return Number(/^lastgood_delivery_retries_total\{.*\} (\d+)/m.exec(text)?.[1] ?? 0);
  };
  while ((await retried()) < 4) await sleep(100);
  const absences = pod.lines.slice(since).filter((line) => line.result === 'absent');
  assert.equal(absences.length, 1, 'the log has the first of them');
  assert.deepEqual(await pod.published(), generation(2), 'more absences than attempts');
  assert.equal((await pod.status()).health.state, 'degraded');
  await pod.app.start();
  await pod.outcome('committed', since);
  assert.equal(pod.app.events.length, 1);
});

test('a fault is retried, then rolled back, and the same version is tried again later', async (context) => {
  const retries = { attempts: 2, backoff: '10ms', max: '40ms' };
  const pod = await Pod.create(context);
  const url = `${pod.app.url}/admin/reload`;
  pod.bundle.targets = [{ webhook: { url, timeout: '1m', retries } }];
  await pod.configured();
  await pod.startOn(generation(1));
  let faults = 3;
  pod.app.onReload = ({ reason }) => {
    const isFault = reason === 'changed' && faults-- > 0;
    return { status: isFault ? 503 : 200 };
  };
  const since = pod.lines.length;
  await pod.write(generation(2));
  await pod.outcome('rolled-back', since);
  await pod.outcome('committed', since);
  assert.deepEqual(await pod.published(), generation(2));
  assert.deepEqual(
    pod.app.events.map(({ reason, attempt }) => `${reason} ${attempt}`),
    ['changed 1', 'changed 2', 'rollback 1', 'changed 1', 'rollback 1', 'changed 1'],
    'one attempt in each later turn',
  );
  const { text } = await pod.page('/metrics');
  assert.match(text, /lastgood_rollouts_total\{bundle="model",outcome="rolled-back"\} 2/);
  assert.match(text, /lastgood_rollouts_total\{bundle="model",outcome="committed"\} 2/);
});

test('P6: a fix goes out while the bad version before it is still being retried', async (context) => {
  const pod = await Pod.create(context);
  await pod.startOn(generation(1));
  let bad: string | undefined;
  pod.app.onReload = ({ version }) => {
    bad ??= version;
    return { status: version === bad ? 503 : 200 };
  };
  await pod.write(generation(2));
  await pod.line((line) => line.result === 'fault', 'the first fault');
  const since = pod.lines.length;
  await pod.write(generation(3));
  await pod.outcome('superseded', since);
  await pod.outcome('committed', since);
  assert.equal(pod.app.events.at(-1)?.attempt, 1);
  assert.deepEqual(await pod.published(), generation(3));
});

test('P4: content that fails its checks reaches no target', async (context) => {
  const pod = await Pod.create(context);
  await pod.startOn(generation(1));
  await pod.write({ ...generation(2), 'config.yaml': 'generation: 2\n  bad: indent\n' });
  const end = await pod.outcome('rejected');
  assert.match(String(end.msg), /^rejected [0-9a-f]{12} by validate: config\.yaml:2:\d+: /);
  assert.equal(pod.app.events.length, 0);
  assert.deepEqual(await pod.published(), generation(1));
  await pod.kill('SIGTERM');
  const since = pod.lines.length;
  pod.start();
  await pod.outcome('rejected', since);
  assert.deepEqual(await pod.published(), generation(1), 'nor after a restart');
});

test('direct mode tells the app of good changes only, and writes nothing', async (context) => {
  const pod = await Pod.create(context, { direct: true });
  await pod.startOn(generation(1));
  await pod.write({ 'config.yaml': '\t' });
  await pod.outcome('rejected');
  const since = pod.lines.length;
  await pod.write(generation(3));
  await pod.outcome('committed', since);
  assert.deepEqual(
    pod.app.events.map((event) => event.changed),
    [['config.yaml', 'features.json']],
  );
  assert.equal(pod.app.events[0]?.dir, pod.source);
  assert.deepEqual(await readdir(pod.live), []);
});

test('P8: no value of a secret volume, nor its plain digest, is in a log, a page or the journal', async (context) => {
  const pod = await Pod.create(context, { volume: { secret: true } });
  const secret = 'correct-horse-battery-staple';
  await pod.startOn({ password: secret, 'config.yaml': `password: ${secret}\n` });
  await pod.write({ password: secret, 'config.yaml': `password: [${secret}\n` });
  await pod.outcome('rejected');
  await pod.write({ password: secret, 'config.yaml': `${secret}: 1\n${secret}: 2\n` });
  await pod.line((line) => line.step === 'validate' && line.result === 'rejected', 'rejection');
  pod.app.onReload = () => ({ status: 422, body: `${secret} is wrong` });
  await pod.write({ password: `${secret}2` });
  await pod.line((line) => line.result === 'refused', 'the refusal');
  const digest = createHash('sha256').update(secret).digest('hex');
  const pages = await Promise.all(
    ['/status', '/metrics', '/readyz', '/'].map((path) => pod.page(path)),
  );
  const journal = await readFile(join(pod.dir, 'state/model/journal.json'), 'utf8');
  const shown = [JSON.stringify([pod.lines, pages]), pod.stderr, journal].join('\n');
  assert.ok(!shown.includes(secret));
  assert.ok(!shown.includes(digest.slice(0, 12)));
});

test('P7: a restart of the sidecar keeps the time since which the bundle is degraded, and staleAfter', async (context) => {
  const pod = await Pod.create(context, { bundle: { staleAfter: '1s' } });
  await pod.startOn(generation(1));
  await pod.write({ 'config.yaml': 'a: [1\n' });
  await pod.outcome('rejected');
  const { since } = (await pod.status()).health;
  while ((await pod.page('/readyz')).status !== 503) await sleep(100);
  const { text: metrics } = await pod.page('/metrics');
  assert.match(metrics, /^lastgood_ready\{bundle="model"\} 0$/m);
  await pod.kill();
  const lines = pod.lines.length;
  pod.start();
  await pod.outcome('rejected', lines);
  assert.equal((await pod.status()).health.since, since);
  assert.equal((await pod.page('/readyz')).status, 503, 'it has been degraded for long enough');
});
