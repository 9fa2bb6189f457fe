import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { readReleaseNotes } from '../../tools/release-notes.ts';

const CHANGELOG = `# Changelog

## [Unreleased]

- To come.

## [1.2.0] - 2027-01-02

### Added

- A preset.

## [1.1.0] - 2026-12-01

## [1.0.0] - 2026-11-30

- The first one.
`;

test('the notes of a release are its part of the changelog', () => {
  assert.equal(readReleaseNotes(CHANGELOG, 'v1.2.0', '1.2.0'), '### Added\n\n- A preset.');
  assert.equal(readReleaseNotes(CHANGELOG, 'v1.0.0', '1.0.0'), '- The first one.');
});

test('a tag that is not the version of the package is refused', () => {
  assert.throws(() => readReleaseNotes(CHANGELOG, 'v1.2.0', '1.2.1'), /the tag is v1\.2\.0, and/);
  assert.throws(() => readReleaseNotes(CHANGELOG, '1.2.0', '1.2.0'), /the tag is 1\.2\.0, and/);
});

test('a version without notes is refused', () => {
  assert.throws(() => readReleaseNotes(CHANGELOG, 'v1.3.0', '1.3.0'), /has no heading/);
  assert.throws(() => readReleaseNotes(CHANGELOG, 'v1.1.0', '1.1.0'), /says nothing about 1\.1\.0/);
});

test('CHANGELOG.md has the form that the notes are read from', () => {
  const text = readFileSync(new URL('../../CHANGELOG.md', import.meta.url), 'utf8');
  const headings = [...text.matchAll(/^## (.*)$/gm)].map(([, heading = '']) => heading);
  assert.equal(headings[0], '[Unreleased]');
  for (const heading of headings.slice(1))
    assert.match(heading, /^\[\d+\.\d+\.\d+(?:-[\w.]+)?\] - \d{4}-\d{2}-\d{2}$/);
});
