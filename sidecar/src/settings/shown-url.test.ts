import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shownUrl } from './shown-url.ts';

test('a URL is shown with its host, port and path', () => {
  assert.equal(shownUrl('http://localhost:8080/a/b'), 'http://localhost:8080/a/b');
  assert.equal(shownUrl('https://[::1]:9/'), 'https://[::1]:9/');
});

test('a Unix socket is shown with its path and that of the request', () => {
  assert.equal(shownUrl('unix:/run/app.sock:/reload?token=hunter2'), 'unix:/run/app.sock:/reload');
  assert.equal(shownUrl('unix:/run/app.sock'), 'unix:/run/app.sock');
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
    assert.doesNotMatch(shownUrl(url), /hunter2/, url);
});
