import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatFinding } from '@lastgood/core/model/finding.ts';
import { settingsOfDocument } from '../../settings/from-value.ts';
import type { BundleSettings } from '../../settings/settings.ts';
import { detectByFlags } from '../detect.ts';
import { prometheusConfigReloader } from './prometheus-config-reloader.ts';

function settingsOf(...argv: string[]) {
  const asked = prometheusConfigReloader.read(argv, {});
  assert.ok('document' in asked, JSON.stringify(asked));
  const loaded = settingsOfDocument(asked.document, 'flags', asked.flagAt);
  assert.ok(loaded.ok, JSON.stringify(loaded));
  return { ...loaded.settings, once: asked.once };
}

function bundleOf(...argv: string[]): BundleSettings {
  return settingsOf(...argv).bundles[0] as BundleSettings;
}

test('the defaults are those of the program', () => {
  const { listen, log, stateDir, webConfigFile, once, bundles } = settingsOf(
    '--config-file=/in/p.yaml',
  );
  assert.deepEqual(
    [listen, stateDir, webConfigFile, once],
    [undefined, undefined, undefined, false],
  );
  assert.deepEqual(log, { level: 'info', format: 'logfmt' });
  const { settleMs, targets, confirm, expand, tellAtStart, onFailure } =
    bundles[0] as BundleSettings;
  assert.deepEqual(
    [settleMs, confirm, expand, tellAtStart, onFailure],
    [1_000, undefined, undefined, true, 'hold'],
  );
  const [target] = targets;
  assert.ok(target !== undefined && 'webhook' in target);
  const { url, method, body, success, refused, timeoutMs, retries, tls } = target.webhook;
  assert.equal(url, 'http://127.0.0.1:9090/-/reload');
  assert.deepEqual(
    [method, body, success, refused, timeoutMs],
    ['POST', 'none', [200], [], 30_000],
  );
  assert.deepEqual(retries, { attempts: Infinity, backoffMs: 5_000, maxMs: 5_000 });
  assert.ok(tls.insecureSkipVerify);
});

test('each flag has its place', () => {
  const flags = ['--config-file=/in/p.yaml.gz', '--config-envsubst-file=/out/p.yaml'];
  const { expand, volumes } = bundleOf(...flags, '--watched-dir', '/rules', '--watched-dir=/in');
  assert.deepEqual(expand, { file: 'p.yaml.gz', to: '/out/p.yaml', ordinalFrom: 'POD_NAME' });
  assert.deepEqual(
    volumes.map(({ path, at, include, exclude }) => [path, at, include, exclude]),
    [
      ['/in/p.yaml.gz', '.', ['**'], []],
      ['/rules', 'dir-0', ['**'], []],
      ['/in', 'dir-1', ['**'], ['p.yaml.gz']],
    ],
  );
  const more = settingsOf(
    '--watched-dir=/a',
    '--listen-address=[::1]:8080',
    '--web-config-file=/w.yaml',
    '--log-format=json',
    '--log-level=NONE',
    '--watch-interval=0s',
  );
  assert.deepEqual(more.listen, { host: '::1', port: 8080 });
  assert.deepEqual(more.log, { level: 'silent', format: 'json' });
  assert.deepEqual([more.webConfigFile, more.once], ['/w.yaml', true]);
});

test('a reload by signal is confirmed by what Prometheus reports', () => {
  const flags = ['--watched-dir=/a', '--reload-method=signal', '--process-executable-name=thanos'];
  const { targets, confirm } = bundleOf(
    ...flags,
    '--runtimeinfo-url=http://p:1/r',
    '--watch-interval=1m',
  );
  const [target] = targets;
  assert.ok(target !== undefined && 'signal' in target);
  assert.deepEqual([target.signal.process, target.signal.signal], ['thanos', 'SIGHUP']);
  assert.equal(target.signal.retries.attempts, Infinity);
  assert.deepEqual(confirm?.http?.json, { path: 'data.reloadConfigSuccess', equals: true });
  assert.deepEqual([confirm?.http?.url, confirm?.withinMs], ['http://p:1/r', 60_000]);
});

test('no file is parsed unless a flag asks for it', () => {
  const config = '--config-file=/in/p.yaml.gz';
  const off = [{ shape: 'off' }, { traps: 'off' }];
  const check = { strict: false, tags: [], rules: [], schema: undefined };
  assert.deepEqual(bundleOf(config).validate, [
    { files: '**', format: 'binary', ...check },
    ...off,
  ]);
  const own = { files: 'p.yaml.gz', format: 'yaml', ...check };
  assert.deepEqual(bundleOf(config, '--validate').validate, [own, ...off]);
  const withSchema = bundleOf(config, '--schema=/s=1.json', '--schema=dir-0/*=/r.json').validate;
  const schemas = withSchema.flatMap((each) =>
    'files' in each ? [[each.files, each.schema?.path]] : [],
  );
  assert.deepEqual(schemas, [
    ['p.yaml.gz', undefined],
    ['p.yaml.gz', '/s=1.json'],
    ['dir-0/*', '/r.json'],
  ]);
});

test('the file that is written is not read again from a directory that is watched', () => {
  const { volumes } = bundleOf(
    '--config-file=/in/p.yaml',
    '--config-envsubst-file=/etc/out/[a].yaml',
    '--watched-dir=/etc',
  );
  assert.deepEqual(volumes[1]?.exclude, ['out/\\[a\\].yaml', 'out/\\[a\\].yaml.tmp']);
});

test('waits that would be none, or without end, are bounded', () => {
  const [target] = bundleOf('--watched-dir=/a', '--retry-interval=0', '--reload-timeout=0').targets;
  assert.ok(target !== undefined && 'webhook' in target);
  assert.equal(target.webhook.retries.backoffMs, 100);
  assert.equal(target.webhook.timeoutMs, 3_600_000);
});

test('the flags that only it has show that a command line is for it; those of lastgood do not', () => {
  const isFor = (...argv: string[]) => detectByFlags(argv) === prometheusConfigReloader;
  assert.ok(isFor('--watched-dir=/a'));
  assert.ok(isFor('--log-level', 'info', '-config-file', 'x'));
  for (const line of [
    [],
    ['--config', 'x', '--once'],
    ['--help'],
    ['--version'],
    ['--schema', 'x'],
  ])
    assert.ok(!isFor(...line), line.join(' '));
});

test('P8: a problem in the settings names its flag, and shows no URL', () => {
  const url = 'http://user:canary@host/';
  const config = '--config-file=/in/p.yaml';
  for (const [flag, ...more] of [
    ['listen-address=9533', config],
    [`listen-address=${url}`, config],
    ['config-file=/'],
    ['watched-dir=/'],
    ['watched-dir=/', config],
    ['schema==/s.json', config],
    ['process-executable-name=', '--reload-method=signal', config],
    ['config-envsubst-file=/', config],
  ] as [string, ...string[]][]) {
    const asked = prometheusConfigReloader.read([`--${flag}`, ...more], {});
    assert.ok('document' in asked, flag);
    const loaded = settingsOfDocument(asked.document, 'flags', asked.flagAt);
    assert.ok(!loaded.ok, flag);
    const said = loaded.findings.map(formatFinding).join('\n');
    assert.match(said, new RegExp(`^--${flag.replace(/=.*/, '')}: .+ \\[LG_`), flag);
    assert.doesNotMatch(said, /canary/, flag);
  }
});

test('P8: a problem with a value names its flag, and shows no URL', () => {
  for (const flag of [
    'delay-interval=3',
    'watch-interval=http://user:canary@host/',
    'reload-url=ftp://user:canary@host/',
    'auto-gomemlimit-ratio=x',
  ]) {
    const ended = prometheusConfigReloader.read(['--config-file=/a', `--${flag}`], {});
    assert.ok('exitCode' in ended, flag);
    assert.match(ended.stderr, new RegExp(`^lastgood: --${flag.replace(/=.*/, '')}: .+ \\[LG_`));
    assert.doesNotMatch(ended.stderr, /canary/);
    assert.ok(ended.stderr.includes(ended.stdout.trimEnd()));
  }
});
