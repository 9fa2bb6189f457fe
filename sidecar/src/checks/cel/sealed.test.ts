import assert from 'node:assert/strict';
import { test } from 'node:test';
import { saidOf } from './cel.testing.ts';

const PLANTED = 'hunter2';

/** Rules that fail on a secret in each way in which the library quotes values, keys or types. */
const RULES = [
  'self.password == "x"',
  'self.password',
  'self[self.password] == 1',
  'self.list[self.password] == 1',
  '{"a": 1}[self.password] == 1',
  'int(self.password) > 1',
  'bool(self.password)',
  'duration(self.password) > duration("1s")',
  'timestamp(self.password) > timestamp("2030-01-01T00:00:00Z")',
  'self.password.matches("(" + self.password)',
  'self.password + 1 == ""',
  'self.password && true',
  'self.password ? true : false',
  'self.password.all(x, x == "")',
  'self.password.substring(99) == ""',
  'self.password.charAt(99) == ""',
  '"%d".format([self.password]) == ""',
  '"%s %s".format([self.password]) == ""',
  'self.all(key, self[key].x == 1)',
  '{self.password: 1, "hunter2": 2} == {}',
  'self.password.getFullYear() == 2030',
  'timestamp("2030-01-01T00:00:00Z").getHours(self.password) == 1',
];

for (const rule of RULES)
  test(`P8: nothing of a secret is shown when this fails: ${rule}`, () => {
    const self = { password: PLANTED, list: [1], [PLANTED]: PLANTED };
    const message = saidOf(rule, { self, secret: true });
    assert.notEqual(message, 'accepted');
    const shown = message.replace(rule, '');
    assert.doesNotMatch(shown, /hunter|string|map|list/);
  });
