import assert from 'node:assert/strict';
import { test } from 'node:test';
import { format, inspect } from 'node:util';
import { isSealed, type Sealed, Secret, seal } from './secret.ts';

const VALUE = 'hunter2';

test('P8 a secret shows its value to nothing but reveal', () => {
  const secret = new Secret(VALUE);
  const error = new Error(`login as ${secret} failed`, { cause: { secret } });
  const shown = [
    String(secret),
    `${secret}`,
    ['', secret].join(),
    JSON.stringify({ secret, list: [secret] }),
    inspect({ secret }),
    inspect(secret, { showHidden: true, customInspect: false, depth: null }),
    format('%s %o %O %j %d', secret, secret, secret, secret, secret),
    inspect(error),
    inspect(structuredClone({ secret: { ...secret } })),
    inspect(Object.assign({}, secret)),
    JSON.stringify(Object.entries(secret)),
    JSON.stringify(Reflect.ownKeys(secret)),
    inspect(Object.getOwnPropertyDescriptors(secret)),
  ];
  for (const text of shown) assert.doesNotMatch(text, /hunter2/);
  assert.equal(JSON.stringify({ secret }), '{"secret":"[secret]"}');
  assert.equal(inspect({ secret }), '{ secret: [secret] }');
  assert.equal(secret.reveal(), VALUE);
});

test('P8 an assertion that fails does not print the value', () => {
  assert.throws(
    () => assert.deepEqual({ a: new Secret(VALUE) }, { a: 'other' }),
    (error: Error) => !error.message.includes(VALUE),
  );
});

test('secrets are equal by their values, plain or not', () => {
  const secret = new Secret(VALUE);
  assert.ok(secret.equals(VALUE));
  assert.ok(secret.equals(new Secret(VALUE)));
  for (const other of ['hunter3', '', undefined, null, 7, new Secret('hunter')])
    assert.equal(secret.equals(other), false);
  assert.ok(new Secret(new Date(5)).equals(new Date(5)));
  assert.ok(new Secret(Buffer.from('a')).equals(new Secret(Buffer.from('a'))));
  assert.equal(new Secret(5).equals('5'), false);
});

test('each leaf of a value is sealed once, and what is absent stays absent', () => {
  const inner = new Secret('a');
  const value = { a: inner, b: [1, { c: null }], d: undefined, e: new Date(0), f: [], g: {} };
  const sealed = seal(value) as Sealed<typeof value>;
  assert.equal(sealed.a, inner);
  assert.equal(sealed.b[0]?.constructor, Secret);
  assert.deepEqual((sealed.e as Secret<Date>).reveal(), new Date(0));
  assert.equal(sealed.d, undefined);
  assert.deepEqual([sealed.f, sealed.g], [[], {}]);
  assert.ok(isSealed(sealed));
  for (const open of ['a', 1, null, [inner, 1], { a: { b: true } }, new Date()])
    assert.equal(isSealed(open), false);
});

/** Compiles, which is what it tests. */
type Credentials = {
  username: string;
  port?: number;
  tls: boolean;
  roles: string[];
  at: Date | null;
};
const TYPES = {
  username: new Secret('a'),
  port: new Secret(1),
  tls: new Secret<boolean>(true),
  roles: [new Secret('a')],
  at: new Secret<Date | null>(null),
} satisfies Sealed<Credentials>;

test('the type of a sealed value has a secret for each leaf', () => {
  const name: string = (TYPES as Sealed<Credentials>).username.reveal();
  const port: number | undefined = (TYPES as Sealed<Credentials>).port?.reveal();
  const tls: boolean = (TYPES as Sealed<Credentials>).tls.reveal();
  assert.deepEqual([name, port, tls], ['a', 1, true]);
});
