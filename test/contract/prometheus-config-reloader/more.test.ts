/** What lastgood does beyond the program that it replaces, or better: differences.ts has the reasons. */
import assert from 'node:assert/strict';
import { stat, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { PROGRAMS, type Program } from './program.ts';
import { Stand } from './stand.ts';

const [LASTGOOD] = PROGRAMS as [Program];

const OUT = 'out.yaml';
const FLAGS = [
  '--config-file=in/prometheus.yaml.gz',
  `--config-envsubst-file=${OUT}`,
  '--watched-dir=in',
  '--delay-interval=0',
  '--retry-interval=200ms',
];

function config(text: string): Record<string, Buffer> {
  return { 'prometheus.yaml.gz': gzipSync(text) };
}

const FAILED = 'reloader_config_apply_operations_failed_total';

test('--validate rejects invalid YAML: nothing is written, and no request is sent', async (context) => {
  const stand = await Stand.create(context, LASTGOOD);
  await stand.write('in', config('a: 1\n'));
  stand.start([...FLAGS, '--validate']);
  await stand.asked(1);
  await stand.write('in', config('a: 1\nb: [\n'));
  await stand.hasMetric(FAILED, 1);
  await stand.logged(/prometheus\.yaml\.gz:2:4: .*\[LG_VALIDATE_SYNTAX\]/);
  assert.equal(await stand.file(OUT), 'a: 1\n');
  await stand.write('in', config('a: 2\n'));
  await stand.asked(2);
  assert.equal(await stand.file(OUT), 'a: 2\n');
  assert.equal(stand.requests.length, 2);
});

test('P8: a finding in a file that holds values of the environment quotes none of it', async (context) => {
  const stand = await Stand.create(context, LASTGOOD);
  await stand.write('in', config('a: 1\n'));
  await writeFile(stand.path('schema.json'), '{"properties":{"a":{"type":"integer"}}}');
  const url = stand.url.replace('//', '//eve:canary-url@');
  const flags = [...FLAGS, '--validate', '--schema=schema.json', `--reload-url=${url}`];
  stand.start(flags, { VALUE: 'canary-env', UNUSED: 'canary-other' });
  await stand.asked(1);
  await stand.write('in', config('a: "$(VALUE)"\n'));
  await stand.hasMetric(FAILED, 1);
  await stand.logged(/prometheus\.yaml\.gz:1:4: .*\[LG_VALIDATE_SCHEMA\]/);
  await stand.write('in', config('b: $(VALUE)\n'));
  stand.status = 500;
  await stand.asked(3);
  assert.equal(await stand.file(OUT), 'b: canary-env\n');
  const pages = await Promise.all(
    ['/metrics', '/status', '/readyz', '/'].map((path) => stand.page(path)),
  );
  const shown = [stand.output, ...pages.map(({ text }) => text)].join('\n');
  assert.doesNotMatch(shown, /canary/);
});

test('broken gzip at the start: not ready until the file is correct', async (context) => {
  const stand = await Stand.create(context, LASTGOOD);
  await stand.write('in', { 'prometheus.yaml.gz': Buffer.from([0x1f, 0x8b, 0x08, 0]) });
  stand.start(FLAGS);
  await stand.hasMetric(FAILED, 1);
  const isTold = async () => {
    const { status, text } = await stand.page('/readyz');
    return (
      (status === 503 && text.includes('cannot be expanded: it is not valid gzip')) || undefined
    );
  };
  await stand.until(isTold, 'reason on /readyz');
  await stand.write('in', config('a: 1\n'));
  await stand.asked(1);
  assert.equal(await stand.file(OUT), 'a: 1\n');
});

test('a swap with the same content neither writes nor reloads', async (context) => {
  const stand = await Stand.create(context, LASTGOOD);
  await stand.write('in', { ...config('a: 1\n'), 'other.yaml': '1' });
  stand.start(FLAGS.filter((flag) => !flag.startsWith('--watched-dir')));
  await stand.asked(1);
  const { ino } = await stat(stand.path(OUT));
  await stand.write('in', { ...config('a: 1\n'), 'other.yaml': '2' });
  await stand.write('in', { ...config('a: 2\n'), 'other.yaml': '2' });
  await stand.asked(2);
  assert.equal(stand.requests.length, 2);
  // Not of the swap before: a file is written before its request.
  assert.equal(await stand.file(OUT), 'a: 2\n');
  assert.notEqual((await stat(stand.path(OUT))).ino, ino);
});

test('an empty --listen-address serves nothing', async (context) => {
  const stand = await Stand.create(context, LASTGOOD);
  await stand.write('in', config('a: 1\n'));
  stand.start([...FLAGS, '--listen-address=']);
  await stand.asked(1);
  await stand.file(OUT);
  await stand.stop();
  assert.doesNotMatch(stand.output, /address=/);
});
