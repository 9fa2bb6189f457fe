import assert from 'node:assert/strict';
import { test } from 'node:test';
import { githubReport } from './github.ts';
import { humanReport } from './human.ts';
import { jsonReport } from './json.ts';
import { junitReport } from './junit.ts';
import { finding, GOOD, marked, REPORT, unmarked } from './report.testing.ts';
import type { CheckedFile, Report, ReportedFinding } from './report.ts';
import { sarifReport } from './sarif.ts';

function reportOf(...findings: ReportedFinding[]): Report {
  return { inputs: [{ name: 'in', files: [{ name: 'f', findings }] }] };
}

test('a person reads each finding with its lines and its hint, and a summary', () => {
  assert.equal(
    humanReport(REPORT, unmarked),
    `conf/a.yaml:2:3: is wrong [LG_VALIDATE_SYNTAX]
  1 | a: 1
  2 | b: [
    |   ^
  hint: correct it

m.yaml:7: warning: is "old" & <50% good> [LG_MANIFEST_IMMUTABLE]

m.yaml:9:3: is wrong [LG_VALIDATE_SYNTAX]
  in ConfigMap ml/model, key config.yaml, from c/a.yaml
  hint: correct it

2 errors, 1 warning in 2 of 4 files
`,
  );
});

test('neighbours in one file with the same hint have it once', () => {
  const found = [finding(), finding({ hint: 'rename it' }), finding({ hint: 'rename it' })];
  const hints = humanReport(
    reportOf(...found, finding({ file: 'z', hint: 'rename it' })),
    unmarked,
  );
  assert.deepEqual(
    hints.match(/hint: .*/g),
    ['correct it', 'rename it', 'rename it'].map((hint) => `hint: ${hint}`),
  );
});

test('a person reads that all is well in one line', () => {
  assert.equal(humanReport(GOOD, unmarked), '1 file is good\n');
  const twelve = Array.from({ length: 12 }, (_, index) => ({ name: `${index}`, findings: [] }));
  assert.equal(
    humanReport({ inputs: [{ name: '.', files: twelve }] }, unmarked),
    '12 files are good\n',
  );
  assert.equal(humanReport({ inputs: [] }, unmarked), 'no files to check\n');
});

test('a person reads about objects, not about each of their keys', () => {
  const object = {
    kind: 'ConfigMap',
    name: 'm',
    namespace: 'ml',
    key: undefined,
    template: undefined,
  };
  const key = (name: string, findings: CheckedFile['findings'] = []) => ({
    name,
    object: { ...object, key: name },
    findings,
  });
  const said = (...files: CheckedFile[]) =>
    humanReport({ inputs: [{ name: 'd', files }] }, unmarked)
      .trim()
      .split('\n')
      .at(-1);
  const file = { name: 'a.yaml', findings: [] };
  assert.equal(said(key('a'), key('b')), '1 object (2 keys) is good');
  assert.equal(said(file, key('a')), '1 file and 1 object (1 key) are good');
  const wrong = [finding()];
  assert.equal(said(key('a', wrong), key('b', wrong)), '2 errors in 1 of 1 object');
  assert.equal(
    said(key('a', wrong), { name: 'ConfigMap ml/m', object, findings: wrong }, file),
    '2 errors in 1 of 2 files and objects',
  );
});

test('places are bold, errors red and warnings yellow', () => {
  const text = humanReport(reportOf(finding({ source: undefined, hint: undefined })), marked);
  assert.equal(
    text,
    '<bold>conf/a.yaml:2:3</bold>: is wrong <red>[LG_VALIDATE_SYNTAX]</red>\n\n<red>1 error</red> in 1 of 1 file\n',
  );
  const warned = finding({ severity: 'warning', source: undefined });
  assert.match(humanReport(reportOf(warned), marked), /: <yellow>warning:<\/yellow> is wrong /);
});

test('JSON has what is known and no key for what is not', () => {
  assert.deepEqual(JSON.parse(jsonReport(REPORT)), {
    ok: false,
    errors: 2,
    warnings: 1,
    files: 4,
    findings: [
      {
        code: 'LG_VALIDATE_SYNTAX',
        severity: 'error',
        message: 'is wrong',
        hint: 'correct it',
        file: 'conf/a.yaml',
        line: 2,
        column: 3,
      },
      {
        code: 'LG_MANIFEST_IMMUTABLE',
        severity: 'warning',
        message: 'is "old" & <50% good>',
        file: 'm.yaml',
        line: 7,
      },
      {
        code: 'LG_VALIDATE_SYNTAX',
        severity: 'error',
        message: 'is wrong',
        hint: 'correct it',
        file: 'm.yaml',
        line: 9,
        column: 3,
        object: {
          kind: 'ConfigMap',
          name: 'model',
          namespace: 'ml',
          key: 'config.yaml',
          template: 'c/a.yaml',
        },
      },
    ],
  });
  assert.deepEqual(JSON.parse(jsonReport(GOOD)), {
    ok: true,
    errors: 0,
    warnings: 0,
    files: 1,
    findings: [],
  });
});

test('GitHub gets one command a finding, and nothing where all is well', () => {
  assert.equal(
    githubReport(REPORT),
    `::error file=conf/a.yaml,line=2,col=3,title=LG_VALIDATE_SYNTAX::is wrong%0Ahint: correct it
::warning file=m.yaml,line=7,title=LG_MANIFEST_IMMUTABLE::is "old" & <50%25 good>
::error file=m.yaml,line=9,col=3,title=LG_VALIDATE_SYNTAX::is wrong%0Ahint: correct it
`,
  );
  assert.equal(githubReport(GOOD), '');
});

test('no file name and no message ends a command of GitHub, or begins another', () => {
  const odd = finding({ file: 'a,b:c%\n.yaml', message: '100%\r\n::error::x, y', hint: undefined });
  assert.equal(
    githubReport(reportOf(odd)),
    '::error file=a%2Cb%3Ac%25%0A.yaml,line=2,col=3,title=LG_VALIDATE_SYNTAX::100%25\\r\\n::error::x, y\n',
  );
});

test('SARIF has a rule for each code, and every result its rule, level and region', () => {
  const { $schema, version, runs } = JSON.parse(sarifReport(REPORT, '1.2.3'));
  assert.match($schema, /^https:/);
  assert.equal(version, '2.1.0');
  const [{ tool, results, columnKind }] = runs;
  assert.equal(columnKind, 'utf16CodeUnits');
  assert.equal(tool.driver.version, '1.2.3');
  assert.deepEqual(
    tool.driver.rules.map(({ id }: { id: string }) => id),
    ['LG_MANIFEST_IMMUTABLE', 'LG_VALIDATE_SYNTAX'],
  );
  const [first, warning, inManifest] = results;
  assert.deepEqual(first, {
    ruleId: 'LG_VALIDATE_SYNTAX',
    ruleIndex: 1,
    level: 'error',
    message: { text: 'is wrong' },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: 'conf/a.yaml' },
          region: { startLine: 2, startColumn: 3 },
        },
      },
    ],
  });
  assert.equal(warning.level, 'warning');
  assert.deepEqual(inManifest.locations[0].logicalLocations, [
    { fullyQualifiedName: 'ConfigMap ml/model, key config.yaml', kind: 'resource' },
  ]);
});

test('SARIF names files as URIs, and the first line where none is known', () => {
  const odd = finding({ file: 'a dir/ü#1.yaml', line: undefined, column: undefined });
  const absolute = finding({ file: '/a b/c.yaml' });
  const [{ results }] = JSON.parse(sarifReport(reportOf(odd, absolute), '1')).runs;
  const places = results.map(
    (result: { locations: { physicalLocation: unknown }[] }) =>
      result.locations[0]?.physicalLocation,
  );
  assert.deepEqual(places, [
    {
      artifactLocation: { uri: 'file:///a%20b/c.yaml' },
      region: { startLine: 2, startColumn: 3 },
    },
    { artifactLocation: { uri: 'a%20dir/%C3%BC%231.yaml' }, region: { startLine: 1 } },
  ]);
});

test('JUnit has a suite for each input and a case for each file; a warning fails none', () => {
  assert.equal(
    junitReport(REPORT),
    `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="lastgood">
  <testsuite name="conf" tests="2" failures="1">
    <testcase classname="conf" name="conf/a.yaml">
      <failure type="LG_VALIDATE_SYNTAX" message="is wrong">conf/a.yaml:2:3: is wrong [LG_VALIDATE_SYNTAX]</failure>
    </testcase>
    <testcase classname="conf" name="conf/b.yaml"/>
  </testsuite>
  <testsuite name="m.yaml" tests="2" failures="1">
    <testcase classname="m.yaml" name="ConfigMap ml/model, key config.yaml">
      <failure type="LG_VALIDATE_SYNTAX" message="is wrong">m.yaml:9:3: is wrong [LG_VALIDATE_SYNTAX]</failure>
      <system-out>m.yaml:7: is &quot;old&quot; &amp; &lt;50% good&gt; [LG_MANIFEST_IMMUTABLE]</system-out>
    </testcase>
    <testcase classname="m.yaml" name="Secret db, key password"/>
  </testsuite>
</testsuites>
`,
  );
});

test('what XML cannot hold is replaced', () => {
  const odd = finding({ message: 'a\u0000\u001b\uFFFE\uD800\nb\tc', severity: 'error' });
  const text = junitReport(reportOf(odd));
  assert.ok(text.includes('message="a\\u0000\\u001b\uFFFD\uFFFD\\nb\\tc"'), text);
});
