import assert from 'node:assert/strict';
import { test } from 'node:test';
import { redactIfUrl, redactPath, redactUrl } from './redact-url.ts';

test('a URL is shown with its host, port and path', () => {
  assert.equal(redactUrl('http://localhost:8080/a/b'), 'http://localhost:8080/a/b');
  assert.equal(redactUrl('https://[::1]:9/'), 'https://[::1]:9/');
});

test('a Unix socket is shown with its path and that of the request', () => {
  assert.equal(redactUrl('unix:/run/app.sock:/reload?token=hunter2'), 'unix:/run/app.sock:/reload');
  assert.equal(redactUrl('unix:/run/app.sock'), 'unix:/run/app.sock');
});

test('P8: userinfo, query and fragment of a URL are never shown', () => {
  for (const url of [
    'http://user:hunter2@host/',
    'http://hunter2@host/',
    'http://host/?token=hunter2',
    'http://host/#hunter2',
    'http://user:hunter2@host:99999/',
    'http://us er:hunter2@',
    'user:hunter2@host/',
    'hunter2',
    '',
  ])
    assert.doesNotMatch(redactUrl(url), /hunter2/, url);
});

test('P8: a word or a path that may contain a URL is not shown', () => {
  for (const word of ['http://user:hunter2@host', 'user:hunter2@host', 'a:/hunter2'])
    assert.equal(redactIfUrl(word), '(not shown)');
  assert.equal(redactIfUrl('30 s'), '30 s');
  for (const path of ['http://user:hunter2@host/', '/srv/http:/user:hunter2@host'])
    assert.equal(redactPath(path), '(not shown)');
  assert.equal(redactPath('/etc/a@b:c/lastgood.yaml'), '/etc/a@b:c/lastgood.yaml');
});
