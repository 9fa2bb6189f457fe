import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdir, readFile, rm } from 'node:fs/promises';
import { getPriority } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { promisify } from 'node:util';
import { formatFinding } from '@lastgood/core/model/finding.ts';
import { MAX_INLINE_BYTES } from '@lastgood/core/model/snapshot.ts';
import { NAMED_AT } from '../../checks/cel/cel.testing.ts';
import { memoryNow } from '../../io/process/container-memory.ts';
import {
  check,
  ENDING,
  fileOf,
  PATIENT,
  ruleSettings,
  schemaFile,
  snapshotOf,
} from './snapshot.testing.ts';
import { createValidator } from './validator.ts';

const MIB = 2 ** 20;
const run = promisify(execFile);

/** A list of so many ones: nothing takes more memory for its size. */
function onesOf(count: number): string {
  return `[${'1,'.repeat(count - 1)}1]`;
}

/** The container has so much more memory than this process takes now. */
function leave(t: TestContext, mib: number): void {
  const { mock } = t.mock.method(process, 'constrainedMemory', () => MIB);
  const { heldBytes } = memoryNow();
  mock.mockImplementation(() => heldBytes + mib * MIB);
}

async function rowsOf(t: TestContext) {
  const schema = await schemaFile(t, { additionalProperties: { type: 'integer' } });
  const rows = Array.from({ length: 9_000 }, (_, row) => `key_${row}: ${row}\n`);
  return { schema, rows };
}

test('a large file is checked as a small one is, by the schema as it was at the start', async (t) => {
  const { schema, rows } = await rowsOf(t);
  const validate = await createValidator([check('a.yaml', { schema })], { limits: PATIENT });
  await rm(schema.path);
  const good = rows.join('');
  assert.ok(good.length > MAX_INLINE_BYTES);
  const accepted = await validate(snapshotOf(fileOf('a.yaml', good)));
  assert.deepEqual(accepted, {
    accepted: true,
    findings: [],
    isEquivalent: false,
    mayPass: false,
  });
  const wrong = good.replace('key_7999: 7999', 'key_7999: many');
  const { findings } = await validate(snapshotOf(fileOf('a.yaml', wrong)));
  assert.deepEqual(
    findings.map(({ message, location }) => [message, location]),
    [['/key_7999 must be integer (is "many")', { file: 'a.yaml', line: 8000, column: 11 }]],
  );
});

test('a small file is checked in a thread where a rule compares it with a large one', async (t) => {
  const small = snapshotOf(fileOf('a.yaml', 'k: 1\n'));
  const large = snapshotOf(fileOf('a.yaml', `k: 1\nl: ${onesOf(MAX_INLINE_BYTES)}\n`));
  const cases = { 'self.k == oldSelf.k': 1, 'self.k == 1': 0 };
  for (const [rule, threads] of Object.entries(cases)) {
    const makeRoom = t.mock.fn();
    const rules = [{ rule, message: undefined, namedAt: NAMED_AT, verbatim: true }];
    const validate = await createValidator([check('a.yaml', { rules })], {
      makeRoom,
      limits: PATIENT,
    });
    await validate(large);
    const before = makeRoom.mock.callCount();
    const { accepted } = await validate(small, { lastGood: large, active: large });
    assert.equal(accepted, true);
    assert.equal(makeRoom.mock.callCount() - before, threads, rule);
  }
});

test('P8: for a large secret file nothing is shown either', async (t) => {
  const { schema, rows } = await rowsOf(t);
  const validate = await createValidator([check('a.yaml', { schema })], { limits: PATIENT });
  const wrong = `${rows.join('')}hunter2: hunter3\n`;
  const { accepted, findings } = await validate(snapshotOf(fileOf('a.yaml', wrong, true)));
  assert.equal(accepted, false);
  assert.doesNotMatch(JSON.stringify(findings), /hunter/);
});

test('files that take more memory than there is are rejected, and others are checked', async (t) => {
  const validate = await createValidator([check('*')], { limits: PATIENT });
  const heavy = ['a.yaml', 'c.yaml'].map((path) => fileOf(path, onesOf(2 * MIB)));
  const light = fileOf('b.json', JSON.stringify('x'.repeat(MIB)));
  const small = fileOf('d.yaml', 'a: 1\n');
  // The first check takes memory that stays.
  await validate(snapshotOf(light));
  // As in a container of 64 MiB, of which a sidecar holds less than half.
  leave(t, 40);
  const { accepted, findings, mayPass } = await validate(snapshotOf(...heavy, light, small));
  assert.deepEqual([accepted, mayPass], [false, true]);
  assert.deepEqual(
    findings.map(({ location, message, code }) =>
      `${location?.file}: ${message} [${code}]`.replace(/\d+ MiB/, 'N MiB'),
    ),
    ['a.yaml', 'c.yaml'].map(
      (path) => `${path}: takes more than N MiB of memory to check [LG_VALIDATE_TOO_HEAVY]`,
    ),
  );
});

test('a file that fits into memory later is checked again, and then accepted', async (t) => {
  const validate = await createValidator([check('*')], { limits: PATIENT });
  const file = snapshotOf(fileOf('a.yaml', onesOf(MAX_INLINE_BYTES)));
  leave(t, 10);
  assert.equal((await validate(file)).accepted, false);
  t.mock.restoreAll();
  leave(t, 200);
  assert.equal((await validate(file)).accepted, true);
});

test('P11: a file that no check names is accepted with a warning if there is no memory to check it', async (t) => {
  const validate = await createValidator([check('other.yaml*')], { limits: PATIENT });
  leave(t, 10);
  const { accepted, findings } = await validate(snapshotOf(fileOf('a.yaml', onesOf(MIB))));
  assert.equal(accepted, true);
  assert.deepEqual(
    findings.map(({ code, severity }) => [code, severity]),
    [['LG_VALIDATE_TOO_HEAVY', 'warning']],
  );
});

test('a check that is not needed any more is ended', async () => {
  const validate = await createValidator([], { limits: PATIENT });
  const cut = new AbortController();
  const running = validate(snapshotOf(fileOf('a.yaml', onesOf(MIB))), undefined, cut.signal);
  const waiting = validate(snapshotOf(fileOf('b.yaml', onesOf(MIB))), undefined, cut.signal);
  cut.abort(new Error('newer'));
  await assert.rejects(running, /newer/);
  await assert.rejects(waiting, /newer/);
  assert.equal(
    (await validate(snapshotOf(fileOf('c.json', JSON.stringify('x'.repeat(MIB)))))).accepted,
    true,
  );
});

/** The nice values of the threads of this process. Source: proc_pid_stat(5), field 19. */
async function priorities(): Promise<readonly number[]> {
  const threads = await readdir('/proc/self/task');
  // A thread may have ended meanwhile.
  const read = threads.map((thread) =>
    readFile(`/proc/self/task/${thread}/stat`, 'utf8').catch(() => ''),
  );
  return (await Promise.all(read)).map((stat) => Number(stat.split(') ')[1]?.split(' ')[16]));
}

test('P9: the thread of a check runs only when the main one does not need the CPU', async (t) => {
  // A check that never ends: it cannot be over before it is seen.
  const schema = await schemaFile(t, { additionalProperties: { pattern: '^(a+)+$' } });
  const validate = await createValidator([check('*', { schema })], { limits: PATIENT });
  const before = getPriority();
  const cut = new AbortController();
  const endless = `k: ${'a'.repeat(100)}b\n#${'x'.repeat(MAX_INLINE_BYTES)}\n`;
  const running = validate(snapshotOf(fileOf('a.yaml', endless)), undefined, cut.signal);
  while (!(await priorities()).includes(19)) await nextTurn();
  assert.equal(getPriority(), before);
  cut.abort(new Error('seen'));
  await assert.rejects(running, /seen/);
});

const REFUSE = `
  import os from 'node:os';
  import { syncBuiltinESMExports } from 'node:module';
  os.setPriority = () => { throw new Error('EPERM'); };
  syncBuiltinESMExports();
`;

test('a large file is checked where a seccomp profile refuses to change the priority', async (t) => {
  const { path } = await schemaFile(t, `{"ones": ${onesOf(MAX_INLINE_BYTES)}}`);
  const refuse = `data:text/javascript,${encodeURIComponent(REFUSE)}`;
  const main = join(import.meta.dirname, '../../main.ts');
  const { stdout } = await run(process.execPath, ['--import', refuse, main, 'validate', path]);
  assert.equal(stdout, '1 file is good\n');
});

test('where not even the code of a check has room, no thread is started', async (t) => {
  leave(t, 10);
  const validate = await createValidator([], { limits: PATIENT });
  const { findings } = await validate(snapshotOf(fileOf('a.yaml', onesOf(MIB))));
  assert.match(findings[0]?.message ?? '', /^takes more than \d MiB of memory to check$/);
});

test('a pattern that backtracks without end is stopped, and other files are checked', async (t) => {
  const schema = await schemaFile(t, { additionalProperties: { pattern: '^(a+)+$' } });
  const validate = await createValidator([check('*', { schema })], { limits: ENDING });
  const hangs = fileOf('a.yaml', `k: ${'a'.repeat(100)}b\n`);
  const { findings } = await validate(snapshotOf(hangs, fileOf('b.yaml', 'k: b\n')));
  assert.deepEqual(findings.map(formatFinding), [
    'a.yaml: takes more than 1s to check [LG_VALIDATE_TOO_HEAVY]',
    'b.yaml:1:4: /k must match pattern "^(a+)+$" (is "b") [LG_VALIDATE_SCHEMA]',
  ]);
});

test('checks across large files run in the thread too', async (t) => {
  const { rows } = await rowsOf(t);
  const rules = [
    ruleSettings('self["b.yaml"].key_8999 == 8999 && self["a.yaml"].size() == 9000'),
    ruleSettings('self["a.yaml"].key_0 == oldSelf["a.yaml"].key_0', 'the first cannot change'),
  ];
  const validate = await createValidator([{ rules }], { limits: PATIENT });
  const text = rows.join('');
  const files = (first: string) => snapshotOf(fileOf('a.yaml', first), fileOf('b.yaml', text));
  const active = files(text);
  assert.deepEqual((await validate(active)).findings, []);
  const changed = files(text.replace('key_0: 0', 'key_0: 1'));
  const { findings } = await validate(changed, { lastGood: active, active });
  assert.deepEqual(findings.map(formatFinding), [
    'a.yaml:1:8: the first cannot change [LG_VALIDATE_RULE]',
  ]);
});

test('of a large file the shape and the meaning are compared as well', async (t) => {
  const { rows } = await rowsOf(t);
  const validate = await createValidator([], { reloadOn: 'meaning', limits: PATIENT });
  const text = rows.join('');
  const active = snapshotOf(fileOf('a.yaml', text));
  const beside = (now: string) =>
    validate(
      { ...snapshotOf(fileOf('a.yaml', now)), version: `sha256:${'1'.repeat(64)}` },
      { lastGood: active, active },
    );
  assert.deepEqual(await beside(`# why\n${text}`), {
    accepted: true,
    findings: [],
    isEquivalent: true,
    mayPass: false,
  });
  const { findings, isEquivalent } = await beside(text.replace('key_7: 7', 'key_7: seven'));
  assert.deepEqual(
    [findings.map(formatFinding), isEquivalent],
    [['a.yaml:8:8: /key_7 is text (was a number) [LG_VALIDATE_SHAPE]'], false],
  );
});

test('a rule that makes too much for the main thread has more room in the thread, and a bound there', async () => {
  const file = snapshotOf(fileOf('a.json', JSON.stringify({ text: 'a'.repeat(30_000) })));
  const said = async (doublings: number) => {
    const rule = `[self.text]${'.map(x, x + x)'.repeat(doublings)} == []`;
    const validate = await createValidator([check('a.json', { rules: [ruleSettings(rule)] })], {
      limits: PATIENT,
    });
    return (await validate(file)).findings[0]?.message.replace(/: \[.*$/, '');
  };
  assert.equal(await said(5), 'does not hold');
  const reason = 'its texts and lists have more than 5000000 characters';
  assert.equal(await said(9), `cannot be evaluated (${reason})`);
});
