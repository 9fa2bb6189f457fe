import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mock, test } from 'node:test';
import { findingOf } from '@lastgood/core/model/error.ts';
import type { ErrorCode } from '@lastgood/core/model/error-codes.ts';
import { type Finding, formatFinding } from '@lastgood/core/model/finding.ts';
import type { Snapshot, SnapshotFile } from '@lastgood/core/model/snapshot.ts';
import { fc } from '../../../../test/property.ts';
import type { CheckSettings, RuleSettings } from '../../settings/settings.ts';
import { check, fileOf, ruleSettings, saidOf, schemaFile, snapshotOf } from './snapshot.testing.ts';
import { createValidator } from './validator.ts';

test('every file is parsed by its name, whether or not a check names it', async () => {
  const validate = await createValidator([]);
  const { accepted, findings } = await validate(
    snapshotOf(
      fileOf('a.json', '{"a":1]'),
      fileOf('b.yaml', 'a: b: c\n'),
      fileOf('conf/c.yml', Buffer.from([0x61, 0x3a, 0x20, 0xff])),
      fileOf('conf/d.yaml', '\uFEFFa: 1\n'),
      fileOf('e.yaml', ''),
      fileOf('f.ini', 'a: b: c\n'),
      fileOf('g', Buffer.from([0xef, 0xbb, 0xbf, 0xff, 0])),
      fileOf('h.txt', ''),
      fileOf('h.sql', Buffer.from([0x61, 0x0a, 0xff])),
      fileOf('i.yaml', 'fine: true\n'),
    ),
  );
  assert.equal(accepted, false);
  assert.deepEqual(
    findings.map(
      ({ code, location }) => `${location?.file}:${location?.line}:${location?.column} ${code}`,
    ),
    [
      'a.json:1:1 LG_VALIDATE_SYNTAX',
      'b.yaml:1:5 LG_VALIDATE_SYNTAX',
      'conf/c.yml:1:4 LG_VALIDATE_ENCODING',
      'conf/d.yaml:1:1 LG_VALIDATE_BOM',
      'e.yaml:1:1 LG_VALIDATE_EMPTY',
      'h.sql:2:1 LG_VALIDATE_ENCODING',
    ],
  );
  assert.ok(findings.every(({ hint }) => hint !== undefined));
});

test('a check that names a format overrides the name of the file', async () => {
  const broken = fileOf('nginx.conf.yaml', 'a: b: c\n');
  assert.deepEqual(await saidOf(broken, [check('*.yaml', { format: 'text' })]), []);
  assert.deepEqual(
    await saidOf(broken, [check('*.yaml'), check('nginx*', { format: 'text' })]),
    [],
  );
  const keystore = fileOf('keystore.conf', Buffer.from([0xff]));
  assert.equal((await saidOf(keystore)).length, 1);
  assert.deepEqual(await saidOf(keystore, [check('*.conf', { format: 'binary' })]), []);
  const settings = fileOf('settings', 'a: b: c\n');
  assert.equal((await saidOf(settings, [check('settings', { format: 'yaml' })])).length, 1);
});

test('P11: a warning of the format accepts the version, beside the findings of a schema', async (t) => {
  const joined = fileOf('a.yaml', 'a: 1\n\uFEFFb: 2\n');
  const schema = await schemaFile(t, { properties: { a: { type: 'string' } } });
  const accepted = async (checks: readonly CheckSettings[]) => {
    const validate = await createValidator(checks);
    // Twice: the second time from the cache.
    const verdicts = [await validate(snapshotOf(joined)), await validate(snapshotOf(joined))];
    return verdicts.map((each) => [each.accepted, ...each.findings.map(({ code }) => code)]);
  };
  const warned = [true, 'LG_VALIDATE_DIALECT'];
  assert.deepEqual(await accepted([]), [warned, warned]);
  const refused = [false, 'LG_VALIDATE_DIALECT'];
  assert.deepEqual(await accepted([check('*.yaml', { strict: true })]), [refused, refused]);
  const both = [false, 'LG_VALIDATE_SCHEMA', 'LG_VALIDATE_DIALECT'];
  assert.deepEqual(await accepted([check('*.yaml', { schema })]), [both, both]);
});

const TAGGED = fileOf('a.yaml', 'db: !secret db\nport: !env_var PORT\nhosts: [!x a, b]\nsize: 1\n');

test('P11: a tagged value fits any schema, and what is around it is checked', async (t) => {
  const types = { db: { type: 'integer' }, port: { minimum: 1, type: 'number' } };
  const hosts = {
    type: 'array',
    items: { type: 'number' },
    uniqueItems: true,
    not: { const: 1 },
  };
  const schema = await schemaFile(t, {
    required: ['gone'],
    properties: { ...types, hosts, size: { type: 'string' } },
    additionalProperties: false,
    anyOf: [{ properties: { db: { const: 1 } } }],
  });
  const only = { schema, tags: ['!secret', '!env_var', '!x'] };
  assert.deepEqual(await saidOf(TAGGED, [check('*', only)]), []);
  const { anyOf: _, ...rest } = JSON.parse(readFileSync(schema.path, 'utf8'));
  const exact = await schemaFile(t, rest);
  assert.deepEqual(await saidOf(TAGGED, [check('*', { ...only, schema: exact })]), [
    "a.yaml:1:1: must have required property 'gone' [LG_VALIDATE_SCHEMA]",
    'a.yaml:3:15: /hosts/1 must be number (is "b") [LG_VALIDATE_SCHEMA]',
    'a.yaml:4:7: /size must be string (is 1) [LG_VALIDATE_SCHEMA]',
  ]);
});

test('P11: a rule that reads a tagged value is not decided', async () => {
  const rules = ['self.port > 1024', 'self.hosts.all(h, h == "c")', 'self.size > 1'];
  const tags = ['!secret', '!env_var', '!x'];
  const checks = [check('*', { tags, rules: rules.map((rule) => ruleSettings(rule)) })];
  assert.deepEqual(await saidOf(TAGGED, checks), [
    'a.yaml:4:7: does not hold: self.size > 1 [LG_VALIDATE_RULE]',
  ]);
});

test('a tag is a warning, an error if strict, and nothing if the settings know it', async () => {
  const severities = async (rest: Parameters<typeof check>[1]) => {
    const validate = await createValidator([check('*', rest)]);
    const { findings } = await validate(snapshotOf(TAGGED));
    return findings.map(({ severity, message }) => `${severity} ${message}`);
  };
  const tags = ['!secret', '!x'];
  assert.deepEqual(await severities({ tags }), ['warning unknown tag !env_var']);
  assert.deepEqual(await severities({ tags, strict: true }), ['error unknown tag !env_var']);
  assert.deepEqual(await severities({ tags: [...tags, '!env_var'], strict: true }), []);
});

test('a tagged value has no shape', async () => {
  const validate = await createValidator([{ shape: 'same' }, check('*', { tags: ['!secret'] })]);
  const versions = ['a: x\nb: [1]\n', 'a: !secret x\nb: !secret [x]\n', 'a: 1\nb: 2\n'];
  const [plain, tagged, other] = versions.map((text) => snapshotOf(fileOf('a.yaml', text)));
  assert.ok(plain && tagged && other);
  const compared = async (lastGood: Snapshot, now: Snapshot) =>
    (await validate(now, { lastGood, active: lastGood })).findings.map(({ code }) => code);
  assert.deepEqual(await compared(plain, tagged), []);
  assert.deepEqual(await compared(tagged, other), []);
});

test('a file that a check names must be there, and a glob may match nothing', async () => {
  const checks = [
    check('b.yaml'),
    check('./c.yaml'),
    check('*.json'),
    check('!x'),
    check('b.yaml'),
  ];
  assert.deepEqual(await saidOf(fileOf('c.yaml', 'a: 1\n'), checks), [
    'b.yaml: is not in the snapshot [LG_VALIDATE_MISSING]',
  ]);
});

test('a glob matches dotfiles, directories and a name that looks like itself', async (t) => {
  const schema = await schemaFile(t, false);
  for (const [glob, path] of [
    ['**/*.yaml', '.hidden/.x.yaml'],
    ['*.{yml,yaml}', 'a.yml'],
    ['a[1].yaml', 'a[1].yaml'],
    ['conf/*', 'conf/a.yaml'],
  ] as const)
    assert.equal((await saidOf(fileOf(path, 'a: 1\n'), [check(glob, { schema })])).length, 1, glob);
  assert.deepEqual(
    await saidOf(fileOf('conf/x/a.yaml', 'a: 1'), [check('conf/*', { schema })]),
    [],
  );
});

test('findings are sorted by file, line and column, and limited in number', async (t) => {
  const schema = await schemaFile(t, { items: { type: 'string' } });
  const rows = Array.from({ length: 70 }, (_, row) => `- ${row}\n`).join('');
  const validate = await createValidator([check('*.yaml', { schema })]);
  const { findings } = await validate(
    snapshotOf(fileOf('a.yaml', rows), fileOf('b.yaml', rows.repeat(20)), fileOf('c.json', '')),
  );
  assert.equal(findings.length, 101);
  assert.equal(
    formatFinding(findings[0] as never),
    'a.yaml:1:3: /0 must be string (is 0) [LG_VALIDATE_SCHEMA]',
  );
  assert.equal(
    formatFinding(findings[99] as never),
    'b.yaml:30:3: /29 must be string (is 29) [LG_VALIDATE_SCHEMA]',
  );
  assert.equal(
    formatFinding(findings[100] as never),
    `${70 + 1400 + 1 - 100} more findings are not shown [LG_VALIDATE_TOO_MANY]`,
  );
});

/** The findings of a change of what the app runs on, as a person reads them. */
async function saidOfChange(
  checks: readonly CheckSettings[],
  before: readonly SnapshotFile[],
  after: readonly SnapshotFile[],
): Promise<readonly string[]> {
  const validate = await createValidator(checks);
  const active = snapshotOf(...before);
  const { findings } = await validate(snapshotOf(...after), { lastGood: active, active });
  return findings.map(formatFinding);
}

function ruleOf(rule: string): RuleSettings {
  return { rule, message: undefined, namedAt: { file: 'lastgood.yaml' }, verbatim: true };
}

test('a rule about a change is silent about a value of the wrong type', async (t) => {
  const schema = await schemaFile(t, { properties: { batch: { type: 'object' } } });
  const rules = [ruleOf('self.batch.size <= oldSelf.batch.size * 2')];
  const good = fileOf('a.yaml', 'batch: { size: 8 }\n');
  const checks: readonly CheckSettings[] = [check('a.yaml', { schema, rules }), { shape: 'off' }];
  assert.deepEqual(await saidOfChange(checks, [good], [fileOf('a.yaml', 'batch:\n')]), [
    'a.yaml:1:1: /batch must be object (is null) [LG_VALIDATE_SCHEMA]',
  ]);
});

test('another shape is no reason to leave the keys and the rules across files out', async (t) => {
  const schema = await schemaFile(t, { properties: { SIZE: { type: 'integer' } } });
  const checks: readonly CheckSettings[] = [
    { keys: '[A-Z]*', schema, rules: [] },
    { rules: [ruleOf('self["a.yaml"].on')] },
    { shape: 'compatible' },
  ];
  const before = [fileOf('SIZE', '32'), fileOf('a.yaml', 'on: true\n')];
  const after = [fileOf('SIZE', 'many'), fileOf('a.yaml', 'on: false\n')];
  assert.deepEqual(await saidOfChange(checks, before, after), [
    'SIZE: must be integer (is "many") [LG_VALIDATE_SCHEMA]',
    'SIZE:1:1: is text (was a number) [LG_VALIDATE_SHAPE]',
    'a.yaml:1:5: does not hold: self["a.yaml"].on [LG_VALIDATE_RULE]',
  ]);
});

test('a missing file is reported once, and no rule about its content runs', async () => {
  const checks = [check('a.yaml'), { rules: [ruleOf('self["a.yaml"].size > 1')] }];
  const b = fileOf('b.yaml', 'size: 1\n');
  assert.deepEqual(await saidOfChange(checks, [fileOf('a.yaml', 'size: 2\n'), b], [b]), [
    'a.yaml: is not in the snapshot [LG_VALIDATE_MISSING]',
  ]);
});

test('a file that did not change is not parsed again, and a changed one is', async () => {
  const validate = await createValidator([]);
  const parse = mock.method(JSON, 'parse');
  const good = fileOf('a.json', '{"a":1}');
  assert.equal((await validate(snapshotOf(good))).accepted, true);
  assert.equal(parse.mock.callCount(), 1);
  await validate(snapshotOf(good));
  await validate(snapshotOf({ ...good, bytes: Buffer.from(good.bytes) }, fileOf('b.txt', '')));
  assert.equal(parse.mock.callCount(), 1);
  assert.equal((await validate(snapshotOf(fileOf('a.json', '{"a":1]')))).accepted, false);
  assert.equal(parse.mock.callCount(), 2);
  assert.equal((await validate(snapshotOf(good))).accepted, true);
  assert.equal(parse.mock.callCount(), 3);
  // Only the newest snapshot is remembered: the memory does not grow with the history.
  await validate(snapshotOf(fileOf('b.txt', '')));
  await validate(snapshotOf(good));
  assert.equal(parse.mock.callCount(), 4);
  parse.mock.restore();
});

test('a file that did not change keeps its findings', async () => {
  const validate = await createValidator([]);
  const bad = snapshotOf(fileOf('a.json', '{'));
  assert.deepEqual(await validate(bad), await validate(bad));
  assert.equal((await validate(bad)).accepted, false);
});

test('a check that fails of itself rejects the file, and the sidecar lives', async () => {
  const validate = await createValidator([]);
  const parse = mock.method(JSON, 'parse', () => ({}) as never);
  const stringify = mock.method(String.prototype, 'trim', () => {
    throw new Error('hunter2');
  });
  const said = [];
  for (const secret of [false, true])
    said.push(await validate(snapshotOf(fileOf('a.json', '{}', secret))));
  stringify.mock.restore();
  parse.mock.restore();
  assert.deepEqual(
    said.map(({ accepted, findings }) => [accepted, ...findings.map(formatFinding)]),
    [
      [false, 'a.json: unexpected: hunter2 [LG_INTERNAL]'],
      [false, 'a.json: unexpected: a check failed [LG_INTERNAL]'],
    ],
  );
});

test('whatever the bytes, there is a verdict, and JSON that is accepted is JSON', async (t) => {
  const schema = await schemaFile(t, { type: 'object', properties: { a: { type: 'integer' } } });
  const validate = await createValidator([check('*', { schema })]);
  const bytes = fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array));
  const text = fc
    .string({ unit: fc.constantFrom(...'{}[]":,a1 \n-&*!|#\\é\0'.split('')), maxLength: 60 })
    .map((string) => Buffer.from(string));
  const name = fc.constantFrom('config.yaml', 'config.json');
  await fc.assert(
    fc.asyncProperty(name, fc.oneof(bytes, text), fc.boolean(), async (path, content, secret) => {
      const { accepted, findings } = await validate(snapshotOf(fileOf(path, content, secret)));
      assert.equal(
        accepted,
        findings.every(({ severity }) => severity === 'warning'),
      );
      assert.ok(findings.every(({ code }) => code !== 'LG_INTERNAL'));
      if (findings.length === 0 && path === 'config.json') JSON.parse(content.toString());
    }),
    { numRuns: 3000 },
  );
});

test('a rejection by a command may pass, as a command may depend on more than the files', async () => {
  const exec = { command: ['lint'] as [string], timeoutMs: 1_000 };
  const asked = async (codes: readonly ErrorCode[], text = 'a: 1\n') => {
    const runCommand = async () => codes.map((code) => findingOf(code, ['…']));
    const validate = await createValidator([{ exec }, { exec }], { runCommand });
    const { accepted, mayPass, findings } = await validate(snapshotOf(fileOf('a.yaml', text)));
    return [accepted, mayPass, findings.length];
  };
  assert.deepEqual(await asked([]), [true, false, 0]);
  assert.deepEqual(await asked(['LG_VALIDATE_EXEC']), [false, true, 2]);
  assert.deepEqual(await asked(['LG_VALIDATE_EXEC_FAULT']), [false, true, 2]);
  assert.deepEqual(await asked(['LG_VALIDATE_EXEC_FAULT', 'LG_VALIDATE_EXEC']), [false, true, 4]);
  assert.deepEqual(await asked(['LG_VALIDATE_EXEC'], 'a: ['), [false, false, 1], 'it is not asked');
});

test('P11: a glob that matches no file is reported once, and again after a match', async () => {
  const warnings: string[] = [];
  const onSettingsWarning = (finding: Finding) => warnings.push(formatFinding(finding));
  const checks = [check('conf/*.yaml'), check('a.yaml')];
  const validate = await createValidator(checks, { onSettingsWarning });
  const a = fileOf('a.yaml', 'a: 1');
  const without = snapshotOf(a);
  const said =
    'no file matches "conf/*.yaml", so this check checks nothing [LG_SETTINGS_UNMATCHED]';
  for (const count of [1, 1]) {
    assert.equal((await validate(without)).accepted, true);
    assert.deepEqual(warnings, Array(count).fill(said));
  }
  await validate(snapshotOf(a, fileOf('conf/b.yaml', 'b: 1')));
  await validate(without);
  assert.deepEqual(warnings, [said, said]);
});
