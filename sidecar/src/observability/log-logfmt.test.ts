import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatLogfmt } from './log.ts';

test('time, level and message come first, and only values that need quotes have them', () => {
  const line = formatLogfmt({
    level: 'info',
    time: '2026-01-02T03:04:05.000Z',
    bundle: 'config',
    durationMs: 1.5,
    version: null,
    msg: 'capture captured',
  });
  const expected =
    'ts=2026-01-02T03:04:05.000Z level=info msg="capture captured" bundle=config durationMs=1.5 version=null\n';
  assert.equal(line, expected);
});

test('quotes, line ends and equal signs cannot make a second pair or a second line', () => {
  const line = formatLogfmt({ msg: 'a="b"\nlevel=error', 'k y': '', list: ['x y'] });
  assert.equal(line, 'msg="a=\\"b\\"\\nlevel=error" k_y= list="[\\"x y\\"]"\n');
});
