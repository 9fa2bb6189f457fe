import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ERRORS } from '@lastgood/core/model/error-codes.ts';
import { parseCommandLine } from '../parse-command-line.ts';
import { explainCode } from './explain.ts';

function problemOf(...argv: string[]): string | undefined {
  const parsed = parseCommandLine(['doctor', ...argv], {});
  return parsed.kind === 'wrong' ? parsed.finding.message : undefined;
}

test('doctor reads manifests, checks its container or explains a code, one of them', () => {
  assert.equal(problemOf(), undefined);
  assert.match(problemOf('--baseline', 'a.json') ?? '', /needs manifests/);
  assert.match(problemOf('--kubernetes', '1.34') ?? '', /needs manifests/);
  assert.match(problemOf('a.yaml', '--explain', 'LG_DOCTOR_ENV') ?? '', /takes no files/);
  assert.equal(problemOf('--explain', 'LG_DOCTOR_ENV'), undefined);
  assert.equal(problemOf('-'), undefined);
});

test('--kubernetes takes a version of Kubernetes 1', () => {
  for (const version of ['1.34', 'v1.34', '1.34.2'])
    assert.equal(problemOf('-', '--kubernetes', version), undefined, version);
  for (const version of ['1', '34', 'latest', '1.x'])
    assert.match(problemOf('-', '--kubernetes', version) ?? '', /such as 1\.34/, version);
});

test('--explain prints what every code means, why it matters and what to do', () => {
  for (const code of Object.keys(ERRORS)) {
    const { end, output = '' } = explainCode(code);
    assert.equal(end, 'good', code);
    assert.match(output, /^LG_\w+\n\n.+\n\n[\s\S]+\n\nFix: .+\n$/, code);
    assert.doesNotMatch(output, /\]\(/, `${code}: a link`);
  }
});

test('--explain suggests a code for a typing mistake', () => {
  const { end, findings } = explainCode('LG_DOCTOR_LATST');
  assert.equal(end, 'unusable');
  assert.match(findings[0]?.message ?? '', /did you mean "LG_DOCTOR_LATEST"/);
});
