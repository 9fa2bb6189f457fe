import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { stat, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import bcrypt from 'bcryptjs';
import { PROGRAMS } from './program.ts';
import { Stand } from './stand.ts';

const CONFIG = 'in/prometheus.yaml.gz';
const OUT = 'out.yaml';
const FLAGS = [
  `--config-file=${CONFIG}`,
  `--config-envsubst-file=${OUT}`,
  '--delay-interval=100ms',
  '--retry-interval=200ms',
];

function config(text: string): Record<string, Buffer> {
  return { 'prometheus.yaml.gz': gzipSync(text) };
}

for (const program of PROGRAMS) {
  const { name } = program;
  const isOurs = name === 'lastgood';

  test(`${name}: at the start the file is expanded and written, and Prometheus is notified`, async (context) => {
    const stand = await Stand.create(context, program);
    await stand.write('in', config('a: $(VALUE)\nb: $(STATEFULSET_ORDINAL_NUMBER)\n'));
    const url = stand.url.replace('//', '//eve:secret@');
    const startedMs = Date.now();
    stand.start([...FLAGS, `--reload-url=${url}`], { VALUE: 'x y', POD_NAME: 'prometheus-k8s-7' });
    await stand.asked(1);
    assert.equal(await stand.file(OUT), 'a: x y\nb: 7\n');
    assert.equal((await stat(stand.path(OUT))).mode & 0o777, 0o644);
    assert.ok(!existsSync(stand.path(`${OUT}.tmp`)));
    const authorization = `Basic ${Buffer.from('eve:secret').toString('base64')}`;
    assert.deepEqual(stand.requests, [
      { method: 'POST', url: '/-/reload', authorization, body: '' },
    ]);
    await stand.hasMetric('reloader_last_reload_successful', 1);
    assert.equal(await stand.metric('reloader_reloads_total'), 1);
    assert.equal(await stand.metric('reloader_reloads_failed_total'), 0);
    const at = (await stand.metric('reloader_last_reload_success_timestamp_seconds')) ?? 0;
    assert.ok(at >= Math.floor(startedMs / 1000) && at <= Date.now() / 1000, `${at}`);
    assert.equal(await stand.stop(), 0);
  });

  test(`${name}: a swap of the volume is written and told`, async (context) => {
    const stand = await Stand.create(context, program);
    await stand.write('in', config('a: 1\n'));
    // As the operator has it: the directory of the file is watched beside it.
    stand.start([...FLAGS, '--watched-dir=in']);
    await stand.asked(1);
    await stand.hasMetric('reloader_last_reload_successful', 1);
    await stand.write('in', config('a: 2\n'));
    await stand.asked(2);
    assert.equal(await stand.file(OUT), 'a: 2\n');
    await stand.hasMetric('reloader_reloads_total', 2);
    assert.ok(((await stand.metric('reloader_config_apply_operations_total')) ?? 0) >= 1);
    assert.ok(((await stand.metric('reloader_watch_events_total')) ?? 0) >= 1);
    assert.equal(await stand.metric('reloader_config_apply_operations_failed_total'), 0);
    assert.equal(await stand.metric('reloader_watch_errors_total'), 0);
  });

  test(`${name}: a change of a watched directory alone sends a request, one for a burst`, async (context) => {
    const stand = await Stand.create(context, program);
    await stand.write('in', config('a: 1\n'));
    await stand.write('rules', { 'a.yaml': 'a: 0\n' });
    // A burst has no pause as long as this, even on a busy machine.
    const flags = [...FLAGS, '--watched-dir=rules', '--delay-interval=5s'];
    stand.start(flags.filter((flag) => flag !== '--delay-interval=100ms'));
    await stand.asked(1);
    await stand.hasMetric('reloader_last_reload_successful', 1);
    await sleep(200);
    for (let count = 1; count <= 5; count++)
      await stand.write('rules', { 'a.yaml': `a: ${count}\n` });
    await stand.asked(2);
    await sleep(1_000);
    assert.equal(stand.requests.length, 2);
  });

  test(`${name}: a reload that fails is tried again`, async (context) => {
    const stand = await Stand.create(context, program);
    await stand.write('in', config('a: 1\n'));
    stand.status = 500;
    stand.start(FLAGS);
    await stand.asked(2);
    assert.equal(await stand.metric('reloader_last_reload_successful'), 0);
    assert.ok(((await stand.metric('reloader_reloads_failed_total')) ?? 0) >= 1);
    stand.status = 200;
    await stand.hasMetric('reloader_last_reload_successful', 1);
  });

  test(`${name}: only 200 is a success`, async (context) => {
    const stand = await Stand.create(context, program);
    await stand.write('in', config('a: 1\n'));
    stand.status = 204;
    stand.start(FLAGS);
    await stand.asked(2);
    assert.equal(await stand.metric('reloader_last_reload_successful'), 0);
  });

  test(`${name}: a Prometheus that starts later is notified then`, async (context) => {
    const stand = await Stand.create(context, program);
    await stand.write('in', config('a: 1\n'));
    await stand.noPrometheus();
    stand.start(FLAGS);
    assert.equal(await stand.file(OUT), 'a: 1\n');
    await stand.until(
      async () => (await stand.metric('reloader_reloads_failed_total')) || undefined,
      'try',
    );
    await stand.prometheus();
    await stand.hasMetric('reloader_last_reload_successful', 1);
  });

  test(`${name}: with --watch-interval=0 it writes once, sends no request and exits with 0`, async (context) => {
    const stand = await Stand.create(context, program);
    await stand.write('in', config('a: $(VALUE)\n'));
    await stand.write('rules', { 'a.yaml': 'a: 0\n' });
    stand.start([...FLAGS, '--watched-dir=rules', '--watch-interval=0'], { VALUE: 'x' });
    assert.equal(await stand.exit(), 0, stand.output);
    assert.equal(await stand.file(OUT), 'a: x\n');
    assert.deepEqual(stand.requests, []);
  });

  test(`${name}: broken gzip is not written, and sends no request`, async (context) => {
    const stand = await Stand.create(context, program);
    await stand.write('in', config('a: 1\n'));
    stand.start([...FLAGS, '--watched-dir=in']);
    await stand.asked(1);
    await stand.hasMetric('reloader_last_reload_successful', 1);
    const whole = gzipSync('a: 2\n'.repeat(100));
    await stand.write('in', { 'prometheus.yaml.gz': whole.subarray(0, whole.length - 6) });
    await stand.until(
      async () =>
        (await stand.metric('reloader_config_apply_operations_failed_total')) || undefined,
      'failed apply operation',
    );
    assert.equal(await stand.file(OUT), 'a: 1\n');
    assert.equal(stand.requests.length, 1);
    await stand.write('in', config('a: 3\n'));
    await stand.asked(2);
    assert.equal(await stand.file(OUT), 'a: 3\n');
  });

  test(`${name}: broken gzip and --watch-interval=0 end with 1`, async (context) => {
    const stand = await Stand.create(context, program);
    await stand.write('in', { 'prometheus.yaml.gz': Buffer.from([0x1f, 0x8b, 0x08, 0, 0]) });
    stand.start([...FLAGS, '--watch-interval=0']);
    assert.equal(await stand.exit(), 1);
    assert.ok(!existsSync(stand.path(OUT)));
  });

  test(`${name}: a variable that is not set stays, and is counted and warned of`, async (context) => {
    const stand = await Stand.create(context, program);
    await stand.write('in', config('a: $(NOT_SET) $(NOT_SET)\nb: $(VALUE)\nc: $VALUE\n'));
    stand.start(FLAGS, { VALUE: 'x' });
    await stand.asked(1);
    assert.equal(await stand.file(OUT), 'a: $(NOT_SET) $(NOT_SET)\nb: x\nc: $VALUE\n');
    await stand.hasMetric('reloader_config_environment_variable_expansion_errors', 2);
    await stand.logged(/level=warn.*NOT_SET/);
  });

  test(`${name}: the ordinal comes from the variable that the flag names`, async (context) => {
    const stand = await Stand.create(context, program);
    await stand.write('in', config('a: "$(STATEFULSET_ORDINAL_NUMBER)"\n'));
    const flag = '--statefulset-ordinal-from-envvar=ME';
    stand.start([...FLAGS, flag, '--watch-interval=0'], { ME: 'x-12', POD_NAME: 'y-7' });
    assert.equal(await stand.exit(), 0);
    assert.equal(await stand.file(OUT), 'a: "12"\n');
  });

  test(`${name}: without --config-envsubst-file a change sends a request, also to an empty file`, async (context) => {
    const stand = await Stand.create(context, program);
    await stand.write('in', { 'prometheus.yaml': '' });
    stand.start(['--config-file=in/prometheus.yaml', '--watched-dir=in', '--delay-interval=0']);
    await stand.asked(1);
    await stand.hasMetric('reloader_last_reload_successful', 1);
    await stand.write('in', { 'prometheus.yaml': 'a: 1\n' });
    await stand.asked(2);
  });

  test(`${name}: /healthz and the metrics are there, with the names and texts that are known`, async (context) => {
    const stand = await Stand.create(context, program);
    await stand.write('in', config('a: 1\n'));
    stand.start(FLAGS);
    await stand.asked(1);
    assert.deepEqual(await stand.page('/healthz'), { status: 200, text: '{"status":"up"}' });
    const { text } = await stand.page('/metrics');
    for (const line of METRICS) assert.ok(text.includes(`${line}\n`), line);
    assert.match(text, /^reloader_info\{method="http"\} 1$/m);
    assert.ok(((await stand.metric('reloader_watches')) ?? 0) >= 1);
  });

  test(`${name}: --log-format json and --log-level are heard`, async (context) => {
    const stand = await Stand.create(context, program);
    await stand.write('in', config('a: 1\n'));
    stand.start([...FLAGS, '--log-format=json']);
    await stand.asked(1);
    await stand.hasMetric('reloader_last_reload_successful', 1);
    // All of its output: a part may end in the middle of a line.
    await stand.stop();
    for (const line of stand.output.trim().split('\n'))
      assert.equal(typeof JSON.parse(line), 'object');
    const silent = await Stand.create(context, program);
    await silent.write('in', config('a: 1\n'));
    silent.start([...FLAGS, '--log-level=none']);
    await silent.asked(1);
    // The real one has a line of its own about memory, on every level, that goes to standard error.
    assert.doesNotMatch(silent.output, /level=info/);
  });

  test(`${name}: by signal, the process gets it, and its runtime information is the proof`, async (context) => {
    const stand = await Stand.create(context, program);
    await stand.write('in', config('a: 1\n'));
    // The kernel keeps 15 characters of a name.
    const process_ = `fp-${process.pid}-${isOurs ? 1 : 2}`;
    await stand.process(process_);
    stand.start([
      ...FLAGS,
      '--reload-method=signal',
      `--process-executable-name=${process_}`,
      `--runtimeinfo-url=${stand.runtimeInfoUrl}`,
    ]);
    assert.equal(await stand.file('hups', (text) => text !== ''), 'hup\n');
    await stand.hasMetric('reloader_last_reload_successful', 1);
    assert.match((await stand.page('/metrics')).text, /^reloader_info\{method="signal"\} 1$/m);
    assert.deepEqual(stand.requests, []);
  });

  test(`${name}: --web-config-file asks for a password`, async (context) => {
    const stand = await Stand.create(context, program);
    await stand.write('in', config('a: 1\n'));
    const users = `basic_auth_users:\n  eve: ${bcrypt.hashSync('right', 4)}\n`;
    await writeFile(stand.path('web.yaml'), users);
    stand.start([...FLAGS, '--web-config-file=web.yaml']);
    const status = async (password: string) => {
      const token = Buffer.from(`eve:${password}`).toString('base64');
      return (await stand.page('/metrics', { authorization: `Basic ${token}` })).status;
    };
    assert.equal((await stand.page('/metrics')).status, 401);
    assert.deepEqual([await status('wrong'), await status('right')], [401, 200]);
  });

  test(`${name}: --reload-timeout ends a reload that hangs`, {
    skip: !isOurs && 'slow',
  }, async (context) => {
    const stand = await Stand.create(context, program);
    await stand.write('in', config('a: 1\n'));
    stand.start([...FLAGS, '--reload-timeout=1ns', '--reload-url=http://127.0.0.1:9/']);
    await stand.until(
      async () => (await stand.metric('reloader_reloads_failed_total')) || undefined,
      'failure',
    );
  });
}

/** Source: Thanos pkg/reloader/reloader.go. */
const METRICS = [
  '# HELP reloader_config_apply_operations_failed_total Total number of config apply operations that failed.',
  '# TYPE reloader_config_apply_operations_failed_total counter',
  '# HELP reloader_config_apply_operations_total Total number of config apply operations.',
  '# TYPE reloader_config_apply_operations_total counter',
  '# HELP reloader_config_environment_variable_expansion_errors Number of environment variable expansions that failed during the last operation.',
  '# TYPE reloader_config_environment_variable_expansion_errors gauge',
  "# HELP reloader_info A metric with a constant '1' value labeled by reload method (either 'http' or 'signal').",
  '# TYPE reloader_info gauge',
  '# HELP reloader_last_reload_success_timestamp_seconds Timestamp of the last successful reload',
  '# TYPE reloader_last_reload_success_timestamp_seconds gauge',
  '# HELP reloader_last_reload_successful Whether the last reload attempt was successful',
  '# TYPE reloader_last_reload_successful gauge',
  '# HELP reloader_reloads_failed_total Total number of reload requests that failed.',
  '# TYPE reloader_reloads_failed_total counter',
  '# HELP reloader_reloads_total Total number of reload requests.',
  '# TYPE reloader_reloads_total counter',
  '# HELP reloader_watch_errors_total Total number of errors received by the reloader from the watcher.',
  '# TYPE reloader_watch_errors_total counter',
  '# HELP reloader_watch_events_total Total number of events received by the reloader from the watcher.',
  '# TYPE reloader_watch_events_total counter',
  '# HELP reloader_watches Number of resources watched by the reloader.',
  '# TYPE reloader_watches gauge',
];
