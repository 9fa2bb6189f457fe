import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fc } from '../../../test/property.ts';
import { valuesOf } from './formats.testing.ts';
import { toml } from './toml.ts';
import { TEMPORAL_STAND_IN, withTemporal } from './toml-temporal.ts';

type Kind = keyof typeof TEMPORAL_STAND_IN;

const pair = (max: number) =>
  fc.integer({ min: 0, max }).map((number) => String(number).padStart(2, '0'));
const date = fc
  .tuple(fc.integer({ min: 0, max: 9999 }), pair(13), pair(32))
  .map(([year, month, day]) => `${String(year).padStart(4, '0')}-${month}-${day}`);
const fraction = fc.oneof(
  fc.constant(''),
  fc.stringMatching(/^\d{1,10}$/).map((digits) => `.${digits}`),
  fc.constant('.120'),
);
const time = fc.oneof(
  fc.tuple(pair(24), pair(60)).map((parts) => parts.join(':')),
  fc.tuple(pair(24), pair(60), pair(61), fraction).map(([h, m, s, f]) => `${h}:${m}:${s}${f}`),
);
const zone = fc.oneof(
  fc.constantFrom('Z[+00:00]', 'z[+00:00]', '-00:00[-00:00]'),
  fc
    .tuple(fc.constantFrom('+', '-'), pair(24), pair(60))
    .map(([sign, h, m]) => `${sign}${h}:${m}[${sign}${h}:${m}]`),
);
const delimiter = fc.constantFrom('T', 't', ' ');
const TEXTS: Readonly<Record<Kind, fc.Arbitrary<string>>> = {
  ZonedDateTime: fc.tuple(date, delimiter, time, zone).map((parts) => parts.join('')),
  PlainDateTime: fc.tuple(date, delimiter, time).map((parts) => parts.join('')),
  PlainDate: date,
  PlainTime: time,
};

function read({ from }: { from(text: string): unknown }, text: string): string {
  try {
    return String(from(text)).replace(/\[.*\]$/, '');
  } catch {
    return 'refused';
  }
}

for (const kind of Object.keys(TEXTS) as Kind[])
  test(`the stand-in reads and writes as Temporal: ${kind}`, {
    skip: !('Temporal' in globalThis),
  }, () => {
    const Real = (globalThis as unknown as Record<'Temporal', typeof TEMPORAL_STAND_IN>).Temporal[
      kind
    ];
    fc.assert(
      fc.property(TEXTS[kind], (text) => {
        assert.equal(read(TEMPORAL_STAND_IN[kind], text), read(Real, text), text);
      }),
      { numRuns: 2000 },
    );
  });

test('without Temporal, TOML has the same dates, and no global is left', (t) => {
  const text = 'a = 1979-05-27T07:32:00Z\nb = [07:32, 1979-05-27]\nc = 00:00:00.1234567891\n';
  const expected = valuesOf(toml, text);
  const Temporal = Object.getOwnPropertyDescriptor(globalThis, 'Temporal');
  if (Temporal !== undefined) {
    Reflect.deleteProperty(globalThis, 'Temporal');
    t.after(() => Object.defineProperty(globalThis, 'Temporal', Temporal));
  }
  assert.deepEqual(valuesOf(toml, text), expected);
  assert.throws(() => withTemporal(() => assert.fail()));
  assert.ok(!('Temporal' in globalThis));
});
