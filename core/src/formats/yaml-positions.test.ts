import assert from 'node:assert/strict';
import { test } from 'node:test';
import { locator } from './formats.testing.ts';
import { yaml } from './yaml.ts';

test('a scalar is located at its first character, quotes included', () => {
  const at = locator(yaml, 'a: 1\n"b c" : \'x\'\nd: { e: "y" }\nf: &k !!str z\n');
  assert.equal(at('a'), '1:4 key 1:1');
  assert.equal(at('b c'), '2:9 key 2:1');
  assert.equal(at('d'), '3:4 key 3:1');
  assert.equal(at('d', 'e'), '3:9 key 3:6');
  assert.equal(at('f'), '4:13 key 4:1');
});

test('a block collection, a block scalar and an empty value are located at their key', () => {
  const at = locator(yaml, 'map:\n  x: 1\nlist:\n- a\n- k: b\ntext: |\n  l1\nnothing:\n');
  assert.equal(at('map'), '1:1 key 1:1');
  assert.equal(at('list'), '3:1 key 3:1');
  assert.equal(at('list', 1), '5:3 key 5:3');
  assert.equal(at('list', 1, 'k'), '5:6 key 5:3');
  assert.equal(at('text'), '6:1 key 6:1');
  assert.equal(at('nothing'), '8:1 key 8:1');
});

test('a missing value is located at its nearest ancestor', () => {
  const at = locator(yaml, 'a:\n  b: [1, 2]\n');
  assert.equal(at('a', 'b', 7, 'x'), '2:6 key 2:6');
  assert.equal(at('a', 'x'), '1:1 key 1:1');
  assert.equal(at('x'), '1:1 key 1:1');
});

test('a value inside an alias is located where it can be corrected', () => {
  const at = locator(yaml, 'a: &x {v: 1}\nb: *x\n');
  assert.equal(at('b'), '2:4 key 2:1');
  assert.equal(at('b', 'v'), '1:11 key 1:8');
});

test('keys that << brings in are located where they were written', () => {
  const at = locator(
    yaml,
    'x: &x {p: 1, q: 1}\ny: &y {q: 2, r: 2}\none:\n  <<: *x\n  q: 3\nall:\n  <<: [*x, *y]\n',
  );
  assert.equal(at('one', 'p'), '1:11 key 1:8');
  assert.equal(at('one', 'q'), '5:6 key 5:3');
  assert.equal(at('all', 'q'), '1:17 key 1:14');
  assert.equal(at('all', 'r'), '2:17 key 2:14');
});

test('keys are found by the name that the loaded object has', () => {
  const at = locator(
    yaml,
    'a: &n 5\n0x10: 1\n~: 2\ntrue: 3\n*n : 4\n!!str 7: 5\n? explicit\n: 6\n',
  );
  assert.equal(at('16'), '2:7 key 2:1');
  assert.equal(at('null'), '3:4 key 3:1');
  assert.equal(at('true'), '4:7 key 4:1');
  assert.equal(at('5'), '5:6 key 5:1');
  assert.equal(at('7'), '6:10 key 6:7');
  assert.equal(at('explicit'), '8:3 key 7:3');
});

test('each document of a file has its own places', () => {
  const at = locator(yaml, '%TAG !e! tag:yaml.org,2002:\n---\na: 1\n---\n# c\na: 2\n', 1);
  assert.equal(at('a'), '6:4 key 6:1');
});

test('columns count UTF-16 code units, and a line may end with CR alone', () => {
  const at = locator(yaml, '"😀": {é: 1}\rb: 2\r\nc: 3\n');
  assert.equal(at('😀', 'é'), '1:11 key 1:8');
  assert.equal(at('b'), '2:4 key 2:1');
  assert.equal(at('c'), '3:4 key 3:1');
});

test('a long text is located as a short one is', () => {
  const text =
    '# first\n---\na: {b: [1, "x", {c: ~}], 0x10: y}\nlist:\n- - 1\n  - k: |\n      v\n- \n"q q": z\nlast:\n';
  const ways = [
    ...[[], ['a'], ['a', 'b'], ['a', 'b', 0], ['a', 'b', 2, 'c'], ['a', '16'], ['a', 'b', 7]],
    ...[['list'], ['list', 0, 1, 'k'], ['list', 1], ['q q'], ['last'], ['last', 'x'], ['none']],
  ];
  const long = `${text}${'# a comment that makes it long\n'.repeat(5_000)}`;
  const [one, other] = [text, long].map((each) => locator(yaml, each));
  for (const way of ways) assert.equal(other?.(...way), one?.(...way), way.join('/'));
});

test('what is merged or named by an anchor is located in a long text too', () => {
  const text = 'x: &x {v: 1}\na: *x\nm:\n  <<: [{n: 2}, {o: 3}]\n  p: 4\n';
  const at = locator(yaml, `${text}${'# a comment that makes it long\n'.repeat(5_000)}`);
  assert.deepEqual([at('a', 'v'), at('m', 'o')], ['1:11 key 1:8', '4:20 key 4:17']);
});
