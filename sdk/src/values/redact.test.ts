import assert from 'node:assert/strict';
import { test } from 'node:test';
import { redactSecrets } from './redact.ts';
import { Secret, seal } from './secret.ts';

test('P8 a message shows no secret, in whatever form it quotes it', () => {
  const values = [
    seal({ user: 'alice', password: 'pa"ss\n', list: [12345, 'alice-admin'], flag: 'on' }),
    { open: 'shown', inner: new Secret('token$&') },
  ];
  const shown = (message: string) => redactSecrets(message, values);
  assert.equal(shown('no user "alice", nor alice-admin'), 'no user "[secret]", nor [secret]');
  assert.equal(shown('https://x:token$&@host'), 'https://x:[secret]@host');
  assert.equal(shown('pa"ss, "pa\\"ss", 12345'), '[secret], "[secret]", [secret]');
  assert.equal(shown('shown: depends on 7'), 'shown: depends on 7');
});

test('values that contain themselves are read once', () => {
  const value: Record<string, unknown> = { key: new Secret('hunter2') };
  value.self = value;
  assert.equal(redactSecrets('hunter2', [value]), '[secret]');
});
