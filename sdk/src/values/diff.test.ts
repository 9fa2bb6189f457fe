import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parsePointer, valueAt } from '@lastgood/core/model/pointer.ts';
import { fc } from '../../../test/property.ts';
import { diffValues, isSameValue } from './diff.ts';
import { Secret } from './secret.ts';

const NONE = { added: [], removed: [], changed: [] };

test('a difference is at the highest place where it is', () => {
  const previous = { same: { a: 1 }, list: [1, 2], gone: { b: 1 }, kind: [1] };
  const next = { same: { a: 1 }, list: [1, 3, 4], fresh: { c: { d: 1 } }, kind: { 0: 1 } };
  assert.deepEqual(diffValues(previous, next), {
    added: ['/list/2', '/fresh'],
    removed: ['/gone'],
    changed: ['/list/1', '/kind'],
  });
  assert.deepEqual(diffValues(1, 2), { ...NONE, changed: [''] });
  assert.deepEqual(diffValues({ 'a/b~c': 1 }, { 'a/b~c': 2 }).changed, ['/a~1b~0c']);
});

test('values that a schema makes are compared by their content', () => {
  const make = (n: number) => [
    new Date(n),
    new Set([n]),
    Buffer.from([n]),
    new Secret(`${n}`),
    NaN,
  ];
  assert.ok(isSameValue(make(1), make(1)));
  assert.deepEqual(diffValues(make(1), make(2)).changed, ['/0', '/1', '/2', '/3']);
  assert.equal(isSameValue(new Secret('a'), 'a'), false);
  assert.equal(isSameValue(new Secret('a'), { equals: () => true }), false);
});

test('a class whose content may be private is another value, unless it has equals', () => {
  class Endpoint {
    readonly #host: string;
    constructor(host: string) {
      this.#host = host;
    }
    get host() {
      return this.#host;
    }
  }
  const endpoint = new Endpoint('a');
  assert.ok(isSameValue({ endpoint }, { endpoint }));
  const makers = [
    (host: string) => new Endpoint(host),
    (host: string) => new Map([[1, new Endpoint(host)]]),
    (host: string) => new Set([new Endpoint(host)]),
    (host: string) => new Map([[1, new Secret(host)]]),
    (host: string) => new URLSearchParams({ host }),
    (host: string) => new URL(`http://${host}`),
    (host: string) => () => host,
  ];
  for (const make of makers) assert.equal(isSameValue(make('a'), make('b')), false, `${make}`);
  class Broken {
    equals(): boolean {
      throw new Error('a bug');
    }
  }
  assert.equal(isSameValue(new Broken(), new Broken()), false);
  assert.ok(isSameValue(new URL('http://a'), new URL('http://a')));
  assert.ok(isSameValue(new Map([[1, new Secret('a')]]), new Map([[1, new Secret('a')]])));
});

test('a key that is called as a property of every object is a key', () => {
  const value = JSON.parse('{"__proto__": 1, "constructor": 2}');
  assert.deepEqual(diffValues({}, value).added, ['/__proto__', '/constructor']);
  assert.deepEqual(diffValues(value, {}).removed, ['/__proto__', '/constructor']);
});

test('a value that contains itself has an end', () => {
  const make = (n: number) => {
    const value: { n: number; self?: unknown; again?: unknown } = { n };
    return Object.assign(value, { self: value, again: [value] });
  };
  assert.ok(isSameValue(make(1), make(1)));
  assert.ok(diffValues(make(1), make(2)).changed.includes('/n'));
});

test('each pointer leads to what it names, and none is left out', () => {
  const value = fc.jsonValue({ depthSize: 'medium' });
  fc.assert(
    fc.property(value, value, (previous, next) => {
      const { added, removed, changed } = diffValues(previous, next);
      const at = (root: unknown, pointer: string) => valueAt(root, parsePointer(pointer));
      for (const pointer of added) assert.equal(at(previous, pointer), undefined);
      for (const pointer of removed) assert.equal(at(next, pointer), undefined);
      for (const pointer of changed) assert.notDeepEqual(at(previous, pointer), at(next, pointer));
      const isSame = added.length + removed.length + changed.length === 0;
      if (isSame) assert.deepEqual(previous, next);
      assert.deepEqual(diffValues(previous, structuredClone(previous)), NONE);
    }),
  );
});
