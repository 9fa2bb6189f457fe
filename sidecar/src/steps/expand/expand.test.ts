import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { link, mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import type { Captured } from '@lastgood/core/capture/capture.ts';
import { isMountPoint } from '@lastgood/core/fs/mount-table.ts';
import { type Finding, formatFinding } from '@lastgood/core/model/finding.ts';
import type { Snapshot } from '@lastgood/core/model/snapshot.ts';
import { mountsOf, skip } from '@lastgood/core/source/mounts.testing.ts';
import { fileOf, snapshotOf } from '../validate/snapshot.testing.ts';
import { countUnset, expand, withOrdinal } from './expand.ts';
import { captureExpanded } from './expand-captured.ts';
import { findExpanded, prepareExpanded } from './expanded-file.ts';

const ENV = { HOME: '/root', EMPTY: '', NESTED: '$(HOME)', _1: 'x' };
/** None of them is a reference. */
const OTHERS = `$HOME \${HOME} $( HOME) $(HO-ME) $()`;
const ROOM = 1024;

async function expanded(text: string | Buffer, env: Record<string, string> = ENV) {
  const expansion = await expand(Buffer.from(text), env, ROOM);
  assert.ok(expansion.ok);
  const { bytes, ...more } = expansion;
  return { text: bytes.toString(), ...more };
}

test('only $(NAME) is a reference, and a value is not expanded again', async () => {
  for (const [from, to] of [
    ['a: $(HOME)', 'a: /root'],
    ['$(HOME)$(HOME)', '/root/root'],
    ['[$(EMPTY)]', '[]'],
    ['$(NESTED)', '$(HOME)'],
    ['$(_1)', 'x'],
    [OTHERS, OTHERS],
    ['$$(HOME)', '$/root'],
    ['', ''],
  ] as const)
    assert.equal((await expanded(from)).text, to, from);
});

test('a reference to a variable that is not set stays, and is reported once', async () => {
  const { text, unset, hasValues } = await expanded('$(NO) $(NO) $(OTHER) $(toString)');
  assert.equal(text, '$(NO) $(NO) $(OTHER) $(toString)');
  assert.deepEqual([unset, hasValues], [['NO', 'OTHER', 'toString'], false]);
  assert.equal(countUnset(Buffer.from('$(NO) $(NO) $(HOME)'), ENV), 2);
});

test('what comes out is counted before it is made', async () => {
  const many = Buffer.from('$(HOME)'.repeat(140_000));
  const fits = await expand(many, { HOME: '/root' }, 5 * 140_000);
  assert.ok(fits.ok);
  assert.equal(fits.bytes.toString(), '/root'.repeat(140_000));
  const value = 'é'.repeat(2 ** 20);
  let reads = 0;
  const long = {
    get HOME() {
      reads += 1;
      return value;
    },
  };
  assert.deepEqual(await expand(many, long, 2 ** 20), { ok: false, why: 'too-large' });
  assert.ok(reads < 140_000, 'it stops where it is too large');
  const names = Array.from({ length: 100_000 }, (_, index) => `$(V${index})`).join('');
  const unset = await expand(Buffer.from(names), {}, 2 ** 22);
  assert.ok(unset.ok);
  assert.equal(unset.unset.length, 100);
});

test('bytes that are not text stay unchanged around an expansion', async () => {
  const bytes = Buffer.concat([
    Buffer.from([0xff, 0xfe]),
    Buffer.from('$(HOME)'),
    Buffer.from([0x80]),
  ]);
  const expansion = await expand(bytes, ENV, ROOM);
  assert.ok(expansion.ok);
  const expected = [Buffer.from([0xff, 0xfe]), Buffer.from('/root'), Buffer.from([0x80])];
  assert.deepEqual(expansion.bytes, Buffer.concat(expected));
});

test('gzip is decompressed, whatever the name of the file', async () => {
  assert.equal((await expanded(gzipSync('a: $(HOME)'))).text, 'a: /root');
});

test('gzip that is cut off or too large is refused', async () => {
  const whole = gzipSync('a: $(HOME)'.repeat(20));
  assert.deepEqual(await expand(whole.subarray(0, 30), ENV, ROOM), { ok: false, why: 'gzip' });
  const bomb = gzipSync(Buffer.alloc(10 * 2 ** 20));
  assert.deepEqual(await expand(bomb, ENV, ROOM), { ok: false, why: 'too-large' });
  const long = { LONG: 'x'.repeat(2000) };
  assert.deepEqual(await expand(Buffer.from('$(LONG)'), long, ROOM), {
    ok: false,
    why: 'too-large',
  });
});

test('the ordinal is the number at the end of the name, or nothing', () => {
  const of = (name?: string) =>
    withOrdinal(name === undefined ? {} : { POD: name }, 'POD').STATEFULSET_ORDINAL_NUMBER;
  assert.deepEqual([of('prometheus-k8s-12'), of('prometheus'), of()], ['12', '', '']);
});

const SETTINGS = { file: 'app.yaml', ordinalFrom: undefined };
const KEY = Buffer.alloc(32, 7);

function capturing(texts: () => Snapshot, env: Record<string, string> = ENV) {
  const told: Finding[] = [];
  const capture = captureExpanded(
    async (): Promise<Captured> => ({ ok: true, snapshot: texts() }),
    {
      expand: SETTINGS,
      env,
      maxSizeBytes: 1024,
      versionKey: KEY,
      onProblem: (finding) => told.push(finding),
    },
  );
  return { capture, told };
}

async function snapshotBy(capture: () => Promise<Captured>): Promise<Snapshot> {
  const captured = await capture();
  assert.ok(captured.ok);
  return captured.snapshot;
}

test('the version covers the expanded file: another value is another version', async () => {
  const read = () => snapshotOf(fileOf('app.yaml', 'a: $(V)'), fileOf('rules.yaml', 'b: 1'));
  const one = await snapshotBy(capturing(read, { V: '1' }).capture);
  const same = await snapshotBy(capturing(read, { V: '1' }).capture);
  const other = await snapshotBy(capturing(read, { V: '2' }).capture);
  assert.equal(one.version, same.version);
  assert.notEqual(one.version, other.version);
  assert.equal(one.files[0]?.bytes.toString(), 'a: 1');
  assert.equal(one.sizeBytes, 8);
});

test('P8: a file that holds a value of the environment counts as secret, and no other does', async () => {
  const read = () => snapshotOf(fileOf('app.yaml', 'a: $(HOME)'), fileOf('rules.yaml', 'b: 1'));
  const { files } = await snapshotBy(capturing(read).capture);
  assert.deepEqual(
    files.map(({ secret }) => secret),
    [true, false],
  );
  const plain = await snapshotBy(capturing(() => snapshotOf(fileOf('app.yaml', 'a: 1'))).capture);
  assert.equal(plain.files[0]?.secret, false);
});

test('each variable that is not set causes one warning', async () => {
  let text = 'a: $(NO)';
  const { capture, told } = capturing(() => snapshotOf(fileOf('app.yaml', text)));
  await capture();
  text = 'b: $(NO) $(NEW)';
  await capture();
  assert.deepEqual(
    told.map((finding) => [finding.severity, formatFinding(finding)]),
    ['NO', 'NEW'].map((name) => [
      'warning',
      `app.yaml: uses environment variables that are not set: ${name} [LG_CAPTURE_UNSET]`,
    ]),
  );
});

test('a file that is missing or broken is a finding at its path', async () => {
  for (const [file, why] of [
    [fileOf('other.yaml', 'a: 1'), 'it is not in the volumes'],
    [fileOf('app.yaml', Buffer.from([0x1f, 0x8b, 0x08, 0])), 'it is not valid gzip'],
    [fileOf('app.yaml', gzipSync(Buffer.alloc(4096))), 'it is larger than maxSize allows'],
  ] as const) {
    const captured = await capturing(() => snapshotOf(file)).capture();
    assert.ok(!captured.ok);
    const said = captured.findings.map(formatFinding);
    assert.deepEqual(said, [`app.yaml: cannot be expanded: ${why} [LG_CAPTURE_EXPAND]`]);
  }
});

test('a capture without a change returns the same object', async () => {
  const snapshot = snapshotOf(fileOf('app.yaml', '$(HOME)'));
  const { capture } = capturing(() => snapshot);
  assert.equal(await snapshotBy(capture), await snapshotBy(capture));
});

async function directory(context: TestContext): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'lastgood-expand-'));
  context.after(() => rm(dir, { recursive: true }));
  return dir;
}

test('the file is replaced as a whole, and anybody can read it', async (context) => {
  const to = join(await directory(context), 'out.yaml');
  await writeFile(to, 'old', { mode: 0o600 });
  const put = await prepareExpanded(
    snapshotOf(fileOf('app.yaml', 'new')),
    { ...SETTINGS, to },
    isMountPoint,
  );
  assert.equal(await readFile(to, 'utf8'), 'old');
  await put();
  assert.equal(await readFile(to, 'utf8'), 'new');
  assert.equal((await stat(to)).mode & 0o777, 0o644);
});

test('a missing directory is LG_PUBLISH_FILE', async (context) => {
  const to = join(await directory(context), 'none/out.yaml');
  const placed = prepareExpanded(
    snapshotOf(fileOf('app.yaml', 'new')),
    { ...SETTINGS, to },
    isMountPoint,
  );
  await assert.rejects(placed, { code: 'LG_PUBLISH_FILE', message: /out\.yaml failed: ENOENT$/ });
});

test('an obstacle is reported before anything is written', async (context) => {
  const to = join(await directory(context), 'out.yaml');
  const expandTo = { ...SETTINGS, to };
  const snapshot = snapshotOf(fileOf('app.yaml', 'new'));
  await mkdir(to);
  await assert.rejects(prepareExpanded(snapshot, expandTo, isMountPoint), {
    code: 'LG_PUBLISH_FILE_PLACE',
    message: `cannot write a file at ${to}: it is a directory`,
  });
  await assert.rejects(stat(`${to}.tmp`), { code: 'ENOENT' });
});

test('a file that is itself a mount cannot be replaced', { skip }, async (context) => {
  const { dir, mount } = mountsOf(context);
  await mkdir(join(dir, 'real'));
  await symlink('real', join(dir, 'link'));
  for (const name of ['real/out.yaml', 'source.yaml']) await writeFile(join(dir, name), 'old');
  mount('--bind', join(dir, 'source.yaml'), join(dir, 'real/out.yaml'));
  const snapshot = snapshotOf(fileOf('app.yaml', 'new'));
  for (const to of [join(dir, 'real/out.yaml'), join(dir, 'link/out.yaml')])
    await assert.rejects(prepareExpanded(snapshot, { ...SETTINGS, to }, isMountPoint), {
      code: 'LG_PUBLISH_FILE_PLACE',
      message: `cannot write a file at ${to}: the file there is a mount itself`,
    });
  const put = await prepareExpanded(
    snapshot,
    { ...SETTINGS, to: join(dir, 'link/b') },
    isMountPoint,
  );
  await put();
  assert.equal(await readFile(join(dir, 'real/b'), 'utf8'), 'new');
});

test('at a start, only a file that equals the kept one counts as published', async (context) => {
  const expandTo = { ...SETTINGS, to: join(await directory(context), 'out.yaml') };
  const kept = snapshotOf(fileOf('app.yaml', 'good'), fileOf('rules.yaml', 'b: 1'));
  assert.equal(await findExpanded(kept, expandTo), null);
  await (await prepareExpanded(kept, expandTo, isMountPoint))();
  assert.equal(await findExpanded(kept, expandTo), kept);
  assert.equal(await findExpanded(null, expandTo), 'unreadable');
  await writeFile(expandTo.to, 'another writer');
  assert.equal(await findExpanded(kept, expandTo), 'unreadable');
});

test('P9 what is planted beside the file is neither written to nor waited for', async (context) => {
  const dir = await directory(context);
  const expandTo = { ...SETTINGS, to: join(dir, 'out.yaml') };
  const victim = join(dir, 'victim');
  await writeFile(victim, 'kept');
  const plant = [
    () => link(victim, `${expandTo.to}.tmp`),
    () => symlink(victim, `${expandTo.to}.tmp`),
    () => promisify(execFile)('mkfifo', [`${expandTo.to}.tmp`]),
  ];
  for (const planted of plant) {
    await planted();
    const put = await prepareExpanded(
      snapshotOf(fileOf('app.yaml', 'new')),
      expandTo,
      isMountPoint,
    );
    await put();
    assert.equal(await readFile(expandTo.to, 'utf8'), 'new');
    assert.equal(await readFile(victim, 'utf8'), 'kept');
  }
  const kept = snapshotOf(fileOf('app.yaml', 'new'));
  await rm(expandTo.to);
  for (const planted of ['/dev/zero', 'victim']) {
    await symlink(planted, expandTo.to);
    assert.equal(await findExpanded(kept, expandTo), 'unreadable', planted);
    await rm(expandTo.to);
  }
  await promisify(execFile)('mkfifo', [expandTo.to]);
  assert.equal(await findExpanded(kept, expandTo), 'unreadable');
});
