import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { formatFinding } from '@lastgood/core/model/finding.ts';
import type { Snapshot } from '@lastgood/core/model/snapshot.ts';
import { temporaryDirectory } from '../../../../test/kubelet/temporary-directory.ts';
import { heldClock, isAlive, pidsIn, until } from '../../io/process/run-command.testing.ts';
import { fileOf, snapshotOf } from '../../steps/validate/snapshot.testing.ts';
import { type ExecOptions, runCheckCommand } from './check-command.ts';
import { sweepStagingDirectories } from './staging-directory.ts';

const TIMEOUT_MS = 60_000;
const GRACE_MS = 1_000;
const SMALL = snapshotOf(fileOf('a.conf', 'one\ntwo\n'), fileOf('port', '80'));

/** Runs a shell script as the command; `$1` is the directory of the copy. */
function runScript(
  script: string,
  options: ExecOptions,
  snapshot: Snapshot = SMALL,
): Promise<readonly string[]> {
  return run(['sh', '-c', script, 'sh', '{dir}'], options, snapshot);
}

async function run(
  command: readonly [string, ...string[]],
  options: ExecOptions,
  snapshot: Snapshot = SMALL,
): Promise<readonly string[]> {
  const findings = await runCheckCommand(snapshot, { command, timeoutMs: TIMEOUT_MS }, options);
  const lines = findings.map(formatFinding);
  return lines.map((line) => line.replace(' [LG_VALIDATE_EXEC]', ''));
}

/** Where copies go. */
function staging(t: TestContext): string {
  return join(temporaryDirectory(t), 'staging');
}

test('a command that ends with 0 accepts, whatever its output', async (t) => {
  const stagingDir = staging(t);
  assert.deepEqual(await runScript('echo "$1/a.conf:1: error" >&2', { stagingDir }), []);
});

test('the command sees a copy of exactly the files, with their modes, that only we may read', async (t) => {
  const executable = { ...fileOf('sub/run', 'x'), mode: 0o755 };
  const snapshot = snapshotOf(fileOf('a b', 'é'), executable, { ...fileOf('z', ''), mode: 0o022 });
  const list = join(temporaryDirectory(t), 'list');
  const script = `cd "$1/.." && find . | sort | xargs -d '\\n' stat -c '%n %a %s' >"${list}"; pwd -P >>"${list}"`;
  const stagingDir = staging(t);
  assert.deepEqual(await runScript(script, { stagingDir }, snapshot), []);
  const lines = readFileSync(list, 'utf8').split('\n').slice(0, -1);
  assert.equal(dirname(lines.pop() ?? ''), stagingDir);
  assert.deepEqual(
    // The size of a directory is up to its file system.
    lines.map((line) => line.replace(/ 700 \d+$/, ' 700')),
    [
      '. 700',
      './files 700',
      './files/a b 644 2',
      './files/sub 700',
      './files/sub/run 755 1',
      './files/z 422 0',
      './scratch 700',
    ],
  );
  assert.deepEqual(readdirSync(stagingDir), [], 'the copy is removed');
});

test('the command gets nothing of our environment but PATH', async (t) => {
  process.env.LASTGOOD_TEST_TOKEN = 'hunter2';
  t.after(() => delete process.env.LASTGOOD_TEST_TOKEN);
  const script =
    'env | cut -d= -f1 | grep -v "^_$\\|^PWD$\\|^SHLVL$\\|^OLDPWD$" | sort | tr "\\n" " "; exit 1';
  assert.deepEqual(await runScript(script, { stagingDir: staging(t), bundle: 'web' }), [
    'sh says: HOME LANG LASTGOOD_BUNDLE LASTGOOD_STAGE LASTGOOD_VERSION PATH TMPDIR',
  ]);
});

test('the arguments are passed as they are, to no shell', async (t) => {
  const script = 'console.error(process.argv.slice(1).join("|")); process.exit(3)';
  const command = [
    process.execPath,
    '-e',
    script,
    '$(id) `id`',
    '*',
    '--at={dir}/x:{dir}',
  ] as const;
  assert.deepEqual(await run(command, { stagingDir: staging(t) }), [
    'node says: $(id) `id`|*|--at=x:.',
  ]);
});

test('where the command names a line of a file, the finding is there', async (t) => {
  const script = 'echo "$1/a.conf:2:3: no" >&2; echo "./a.conf:1: bad port:80"; exit 1';
  assert.deepEqual((await runScript(script, { stagingDir: staging(t) })).toSorted(), [
    'a.conf:1: sh says: bad port:80',
    'a.conf:2:3: sh says: no',
  ]);
});

test('P8: of a snapshot with a secret only the location is shown, and nothing that may be a value', async (t) => {
  const secret = fileOf('password', 'hunter2', true);
  const snapshot = snapshotOf(fileOf('a.conf', 'one\ntwo\n'), secret);
  for (const [script, ...expected] of [
    ['echo "hunter2 in $1/a.conf:2"; exit 1', 'a.conf:2: sh exited with code 1'],
    ['echo "a.conf:2 hunter2 password:1"; exit 7', 'sh exited with code 7'],
    ['echo "error $1/password:1234 hunter2"; exit 1', 'password: sh exited with code 1'],
    ['echo hunter2; exit 1', 'sh exited with code 1'],
    ['exit 1', 'sh exited with code 1'],
    ['kill -SEGV $$', 'sh was killed by SIGSEGV'],
  ] as const)
    assert.deepEqual(await runScript(script, { stagingDir: staging(t) }, snapshot), expected);
});

test('a command that cannot be started rejects with the reason', async (t) => {
  const stagingDir = staging(t);
  const dir = temporaryDirectory(t);
  writeFileSync(join(dir, 'plain'), 'x');
  writeFileSync(join(dir, 'orphan'), '#!/no/such/interpreter\n', { mode: 0o755 });
  const missing = 'is not in this container, or its interpreter is not [LG_VALIDATE_EXEC_FAULT]';
  for (const [program, said] of [
    ['no-such-program', `no-such-program ${missing}`],
    [join(dir, 'no-such-program'), `no-such-program ${missing}`],
    [join(dir, 'orphan'), `orphan ${missing}`],
    [
      join(dir, 'plain'),
      'plain cannot be executed by the user of this container [LG_VALIDATE_EXEC_FAULT]',
    ],
    [
      '{dir}/port',
      'port cannot be executed by the user of this container [LG_VALIDATE_EXEC_FAULT]',
    ],
    ['a\0b', 'a\\u0000b cannot be started: ERR_INVALID_ARG_VALUE [LG_VALIDATE_EXEC_FAULT]'],
  ] as const)
    assert.deepEqual(await run([program], { stagingDir }), [said]);
  const long = 'x'.repeat(10 * 2 ** 20);
  assert.deepEqual(await run(['true', long], { stagingDir }), [
    'true cannot be started: E2BIG [LG_VALIDATE_EXEC_FAULT]',
  ]);
});

test('a directory where no copy can be made rejects with the reason', async (t) => {
  const file = join(temporaryDirectory(t), 'file');
  writeFileSync(file, '');
  assert.deepEqual(await run(['true'], { stagingDir: join(file, 'staging') }), [
    'cannot copy the files for true: ENOTDIR [LG_VALIDATE_EXEC_FAULT]',
  ]);
});

test('a path that leaves the copy is never written', async (t) => {
  const stagingDir = staging(t);
  const snapshot = snapshotOf(fileOf('../../escaped', 'x'));
  const [said] = await run(['true'], { stagingDir }, snapshot);
  assert.match(said ?? '', /"..\/..\/escaped" is not a path of a file \[LG_VALIDATE_EXEC_FAULT\]$/);
});

/** Says nothing more, and starts others that do not end by themselves; writes all their ids to `$2`. */
const FAMILY = `
  trap '' TERM
  sleep 1000 & echo $! >>"$2"
  setsid sleep 1000 & echo $! >>"$2"
  (cd /; setsid sleep 1000 & echo $! >>"$2")
  env -i sleep 1000 & echo $! >>"$2"
  (trap '' TERM; env -i sh -c 'sleep 1000; true') & echo $! >>"$2"
  echo $$ >>"$2"
`;
const FAMILY_SIZE = 6;

function runFamily(t: TestContext, options: Partial<ExecOptions> & { last: string }) {
  const { last, ...rest } = options;
  const path = join(temporaryDirectory(t), 'pids');
  const command = ['sh', '-c', `${FAMILY}${last}`, 'sh', '{dir}', path] as const;
  const running = run(command, { stagingDir: staging(t), ...rest });
  return { running, pids: pidsIn(path, FAMILY_SIZE) };
}

test('a command that takes too long is ended, with all that it started', async (t) => {
  const { clock, end } = heldClock();
  const { running, pids } = runFamily(t, { clock, last: 'wait' });
  assert.ok((await pids).every(isAlive));
  await end(TIMEOUT_MS);
  await end(GRACE_MS);
  assert.deepEqual(await running, ['sh did not end within 1m [LG_VALIDATE_EXEC_FAULT]']);
  assert.deepEqual((await pids).filter(isAlive), []);
});

test('a command that takes too long may end by itself before it is killed', async (t) => {
  const { clock, end } = heldClock();
  const path = join(temporaryDirectory(t), 'pids');
  const script = `trap 'echo 1 >>"${path}"; exit 0' TERM; sleep 1000 & echo $! >"${path}"; wait`;
  const running = runScript(script, { stagingDir: staging(t), clock });
  const [sleeper = 0] = await pidsIn(path, 1);
  await end(TIMEOUT_MS);
  assert.deepEqual(await running, ['sh did not end within 1m [LG_VALIDATE_EXEC_FAULT]']);
  await pidsIn(path, 2);
  assert.equal(isAlive(sleeper), false);
});

test('what a command leaves running ends with it, and its open output blocks nothing', async (t) => {
  const { running, pids } = runFamily(t, { last: 'exit 0' });
  assert.deepEqual(await running, []);
  assert.deepEqual((await pids).filter(isAlive), []);
});

test('P6 a newer content cuts the command off, with all that it started', async (t) => {
  const cut = new AbortController();
  const { running, pids } = runFamily(t, { signal: cut.signal, last: 'wait' });
  await pids;
  const reason = new Error('newer');
  cut.abort(reason);
  await assert.rejects(running, (thrown) => thrown === reason);
  assert.deepEqual((await pids).filter(isAlive), []);
  await assert.rejects(run(['true'], { stagingDir: 'unused', signal: cut.signal }), /newer/);
});

test('a process that no one can find does not hold the verdict up', async (t) => {
  const { clock, end } = heldClock();
  const path = join(temporaryDirectory(t), 'pids');
  // It throws away all that leads to it: environment, directory, group and session.
  const escapee = `env -i setsid sh -c 'cd /; echo $$ >>"${path}"; exec sleep 1000' &`;
  const script = `${escapee} until [ -s "${path}" ]; do sleep 0.01; done; exit 1`;
  const running = runScript(script, { stagingDir: staging(t), clock });
  const [escaped = 0] = await pidsIn(path, 1);
  t.after(() => process.kill(escaped, 'SIGKILL'));
  await end(1_000);
  assert.deepEqual(await running, ['sh exited with code 1 and printed nothing']);
});

test('an output without end takes no memory, and its beginning and end are read', async (t) => {
  const flood = 'head -c 50000000 /dev/zero | tr "\\0" "x"';
  const script = `echo "$1/a.conf:1: first"; ${flood}; ${flood} >&2; echo; echo "$1/a.conf:2: last"; exit 1`;
  const before = process.resourceUsage().maxRSS;
  const said = await runScript(script, { stagingDir: staging(t) });
  const grownMib = (process.resourceUsage().maxRSS - before) / 1024;
  assert.deepEqual(said, ['a.conf:1: sh says: first', 'a.conf:2: sh says: last']);
  assert.ok(grownMib < 64, `${grownMib} MiB more`);
});

test('binary output and escape sequences come out as plain text on one line', async (t) => {
  const script = String.raw`printf '\033[31merror\033[0m: \377\376 \a\r\0x \342\200\256y\n'; exit 1`;
  const [said] = await runScript(script, { stagingDir: staging(t) });
  assert.equal(said, 'sh says: error: \uFFFD\uFFFD');
});

test('the copies and commands that a killed sidecar left are gone after a sweep', async (t) => {
  const stagingDir = staging(t);
  const root = join(stagingDir, 'lastgood-exec-abcdef');
  mkdirSync(join(root, 'files'), { recursive: true });
  writeFileSync(join(root, 'files', 'a.conf'), 'x');
  chmodSync(join(root, 'files'), 0o500);
  const left = spawn('sleep', ['1000'], { env: { PATH: process.env.PATH, LASTGOOD_STAGE: root } });
  const bystander = spawn('sleep', ['1000'], {
    env: { PATH: process.env.PATH, LASTGOOD_STAGE: `${root}x` },
  });
  t.after(() => bystander.kill());
  const gone = once(left, 'exit');
  await until(() => isAlive(left.pid ?? 0) && isAlive(bystander.pid ?? 0));
  await sweepStagingDirectories(stagingDir);
  assert.deepEqual(await gone, [null, 'SIGKILL']);
  assert.ok(isAlive(bystander.pid ?? 0));
  assert.deepEqual(readdirSync(stagingDir), []);
  await sweepStagingDirectories(join(stagingDir, 'missing'));
});
