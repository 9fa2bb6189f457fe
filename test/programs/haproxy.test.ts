import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changed, saidBy, skip } from './programs.ts';

const GOOD = `global
  maxconn 100
defaults
  mode http
  timeout connect 5s
  timeout client 30s
  timeout server 30s
frontend web
  bind 127.0.0.1:18080
  default_backend app
backend app
  server one 127.0.0.1:19000 check
`;

function saidOf(text: string): Promise<readonly string[]> {
  return saidBy('haproxy', ['-c', '-f', '{dir}/haproxy.cfg'], { 'haproxy.cfg': text });
}

test('haproxy accepts a good configuration', { skip }, async () => {
  assert.deepEqual(await saidOf(GOOD), []);
});

test('haproxy rejects a line that lacks its argument', { skip }, async () => {
  assert.deepEqual(await saidOf(changed(GOOD, 'bind 127.0.0.1:18080', 'bind')), [
    "haproxy.cfg:9: haproxy says: config : parsing [haproxy.cfg:9] : 'bind' expects {<path>|[addr1]:port1[-end1]}{,[addr]:port[-end]}... as arguments.",
  ]);
});

test('haproxy rejects keywords that are misspelt, each at its line', { skip }, async () => {
  const text = changed(changed(GOOD, 'maxconn', 'maxcon'), 'default_backend', 'defaultbackend');
  assert.deepEqual(await saidOf(text), [
    "haproxy.cfg:2: haproxy says: config : parsing [haproxy.cfg:2] : unknown keyword 'maxcon' in 'global' section; did you mean 'maxconn' maybe ?",
    "haproxy.cfg:10: haproxy says: config : parsing [haproxy.cfg:10] : unknown keyword 'defaultbackend' in 'frontend' section; did you mean 'default_backend' maybe ?",
  ]);
});

test('haproxy rejects a backend that there is not, and names no line', { skip }, async () => {
  assert.deepEqual(await saidOf(changed(GOOD, 'default_backend app', 'default_backend ap')), [
    "haproxy says: config : Proxy 'web': unable to find required default_backend: 'ap'.",
  ]);
});

test('haproxy rejects two servers of one name, and only warns of an odd order', {
  skip,
}, async () => {
  const order = '  use_backend app if TRUE\n  http-request deny if FALSE\n';
  const text = changed(GOOD, '  default_backend app\n', order);
  assert.deepEqual(await saidOf(text), []);
  const twice = `${text}  server one 127.0.0.1:19001\n`;
  assert.deepEqual(await saidOf(twice), [
    "warning haproxy.cfg:11: haproxy says: config : parsing [haproxy.cfg:11] : a 'http-request' rule placed after a 'use_backend' rule will still be processed before.",
    "haproxy.cfg:14: haproxy says: config : parsing [haproxy.cfg:14] : backend 'app', another server named 'one' was already defined at line 13, please use distinct names.",
  ]);
});
