import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseQuery, valuesIn } from './exposition.ts';

const PAGE = `# HELP app_reload_ok Whether app_reload_ok is 1.
# TYPE app_reload_ok gauge
app_reload_ok 1
app_reload_ok_total 7
my_app_reload_ok 8
app_queue{model="bert",shard="0"} 3 1712345678901
app_queue{ shard="1" , model="bert", } 4.5e1
app_queue{model="a \\"b\\" \\\\ \\n {},#=",shard="2"} -2
app_queue{model="bert",shard="3"} NaN
  app_indented\t12\t
app_inf{le="+Inf"} +Inf
app_inf{le="-Inf"} -Inf
app_inf{le="x"} inf
{"app.utf8", model="bert"} 9
app_utf8{"model.name"="bert"} 10
app_requests_total{path="/"} 17.0 1520879607.789 # {trace_id="KOO5S4vxi0o app_reload_ok"} 0.67
# EOF
`;

function valuesOf(query: string, page = PAGE): readonly number[] {
  return valuesIn(page, parseQuery(query));
}

const FOUND: readonly (readonly [query: string, values: readonly number[]])[] = [
  ['app_reload_ok', [1]],
  ['app_reload_ok{}', [1]],
  ['app_reload_ok{model="bert"}', []],
  ['app_reload_ok{model=""}', [1]],
  ['app_reload_ok_total', [7]],
  ['reload_ok', []],
  ['HELP', []],
  ['app_queue', [3, 45, -2, Number.NaN]],
  ['app_queue{model="bert"}', [3, 45, Number.NaN]],
  ['app_queue{shard="1", model="bert"}', [45]],
  ['app_queue{model="bert",shard="2"}', []],
  ['app_queue{model="a \\"b\\" \\\\ \\n {},#="}', [-2]],
  ['app_queue{other=""}', [3, 45, -2, Number.NaN]],
  ['app_indented', [12]],
  ['app_inf', [Infinity, -Infinity, Infinity]],
  ['app_utf8', [10]],
  ['app_requests_total', [17]],
  ['no_such', []],
];

for (const [query, values] of FOUND)
  test(`${query} is ${values.length === 0 ? 'nowhere' : values.join(' and ')}`, () =>
    assert.deepEqual(valuesOf(query), values));

test('Windows line ends make no difference', () => {
  const page = PAGE.replaceAll('\n', '\r\n');
  for (const [query, values] of FOUND) assert.deepEqual(valuesOf(query, page), values);
});

test('the last line needs no line end', () => {
  assert.deepEqual(valuesOf('a', 'a 1'), [1]);
  assert.deepEqual(valuesOf('a', 'a{b="c"} 2'), [2]);
});

test('an invalid number or label makes NaN', () => {
  for (const line of [
    'a',
    'a one',
    'a 1 2 3',
    'a 0x1',
    'a 1_0',
    'a{b=c} 1',
    'a{b="c} 1',
    'a{b="c"}',
  ])
    assert.deepEqual(valuesOf('a', `${line}\n`), line === 'a' ? [] : [Number.NaN], line);
});

test('4 MiB of one line are parsed quickly, whatever the line is', () => {
  const many = (text: string) => text.repeat((4 * 2 ** 20) / text.length);
  const before = process.cpuUsage();
  for (const [line, values] of [
    [`a ${many('1')}`, [Infinity]],
    [`a ${many('1')}x`, [Number.NaN]],
    [`a 0.${many('0')}x`, [Number.NaN]],
    [`a 1e${many('1')}x`, [Number.NaN]],
    [`a ${many('-')}`, [Number.NaN]],
    [`a 1${many(' ')}x`, [Number.NaN]],
    [`a 1 ${many('1')}x`, [Number.NaN]],
    [`a${many(' ')}`, [Number.NaN]],
    [`a{${many(' ')}`, [Number.NaN]],
    [`a{b="${many('x')}"} 1`, [1]],
    [`a{b="${many('\\\\')}`, [Number.NaN]],
    [`a{b="${many('\\n')}"} 1`, [1]],
    [`a{${many('b="c",')}`, [Number.NaN]],
    [`a{${many('b')}`, [Number.NaN]],
  ] as const)
    assert.deepEqual(valuesOf('a', `${line}\n`), values, line.slice(0, 20));
  const { user, system } = process.cpuUsage(before);
  assert.ok(user + system < 30_000_000, `${user + system} µs`);
});

test('a page of megabytes is parsed quickly, however long its lines are', () => {
  const lines = Array.from({ length: 40_000 }, (_, index) => `app_x{shard="${index}"} ${index}`);
  const page = `${lines.join('\n')}\napp_y 1\n${'app_y'.repeat(400_000)}\napp_z 2\n`;
  const before = process.cpuUsage();
  assert.deepEqual(valuesOf('app_x{shard="39999"}', page), [39_999]);
  assert.deepEqual(valuesOf('app_z', page), [2]);
  assert.deepEqual(valuesOf('app_y', page), [1]);
  // Not by the clock, which counts what a loaded machine does meanwhile.
  const { user, system } = process.cpuUsage(before);
  assert.ok(user + system < 1_000_000, `${user + system} µs`);
});
