import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Clock, systemClock } from '@lastgood/core/model/clock.ts';
import { findingOf } from '@lastgood/core/model/error.ts';
import type { ErrorCode } from '@lastgood/core/model/error-codes.ts';
import type { Ports } from '../runner/ports.ts';
import { KnownSecrets } from './known-secrets.ts';
import { scrubPorts } from './scrub-ports.ts';

const SECRET = 'hunter2password';
const VOLUME = { path: '/v', at: '.', include: ['**'], exclude: [] };
const FILE = { path: 'token', mode: 0o644, bytes: Buffer.from(SECRET), sha256: '', secret: true };
const SNAPSHOT = { version: 'sha256:1', files: [FILE], sizeBytes: 15, writtenAtMs: 0 } as const;

/** Two bundles: `check` checks a plain one with a command, `capture` captures a secret one. */
function stage(clock: Clock = systemClock) {
  const secrets = new KnownSecrets(['db']);
  const wrap = (name: string, secret: boolean, ports: Partial<Ports>) =>
    scrubPorts(
      { name, volumes: [{ ...VOLUME, secret }], expand: undefined },
      { clock, targets: [], ...ports } as Ports,
      secrets,
    );
  const findings = [
    findingOf('LG_VALIDATE_EXEC', [`nginx says: ${SECRET}`]),
    findingOf('LG_VALIDATE_SCHEMA', [`${SECRET} is wrong`]),
  ];
  const plain = wrap('web', false, {
    validate: async () => ({ accepted: false, findings, isEquivalent: false, mayPass: false }),
  });
  const check = async () => {
    const current = { lastGood: null, active: null };
    const verdict = await plain.validate(SNAPSHOT, current, new AbortController().signal);
    return verdict.findings.map(({ message }) => message);
  };
  const capture = (ok: boolean, code: ErrorCode = 'LG_CAPTURE_MISSING') =>
    wrap('db', true, {
      capture: async () => (ok ? { ok, snapshot: SNAPSHOT } : { ok, findings: [findingOf(code)] }),
    }).capture();
  return { check, capture };
}

const WITHHELD = 'the reason is withheld until lastgood has read the secrets of all bundles';

test('P8: findings at the start wait for the first capture of the secrets', async () => {
  const { check, capture } = stage();
  const checked = check();
  await capture(true);
  assert.deepEqual(await checked, ['nginx says: xxxxx', 'xxxxx is wrong']);
});

test('P8: the words of a command are withheld while secrets cannot be captured', async () => {
  const { check, capture } = stage();
  const checked = check();
  await capture(false);
  const [withheld] = await checked;
  assert.equal(withheld, `nginx says: ${WITHHELD}`);
  await capture(true);
  assert.deepEqual(await check(), ['nginx says: xxxxx', 'xxxxx is wrong']);
});

test('an optional Secret that does not exist withholds no words', async () => {
  const { check, capture } = stage();
  await capture(false, 'LG_CAPTURE_EMPTY');
  assert.equal((await check())[0], `nginx says: ${SECRET}`);
  await capture(true);
  assert.equal((await check())[0], 'nginx says: xxxxx');
});

test('a volume of secrets that hangs holds back no finding for longer than seconds', async () => {
  const sleeps: number[] = [];
  const clock = { ...systemClock, sleep: async (ms: number) => void sleeps.push(ms) };
  const { check } = stage(clock);
  assert.equal((await check())[0], `nginx says: ${WITHHELD}`);
  await check();
  assert.deepEqual(sleeps, [5_000]);
});
