import { spawnSync } from 'node:child_process';
import { describe, type TestContext, test } from 'node:test';
import { DEADLINE_MS } from '../../deadline.ts';
import type { DifferenceId } from './differences.ts';
import { Rig } from './rig.ts';
import { LASTGOOD, PEER, SUBJECTS, type Subject } from './subjects.ts';

type Play = (rig: Rig, context: TestContext) => Promise<void>;

/** Most of the time a case waits: for a program to start, or for its pause after a failure. */
const AT_ONCE = { concurrency: 4 } as const;

/** Cases that run side by side. */
export function contract(about: string, cases: () => void): void {
  describe(about, AT_ONCE, cases);
}

/** What lastgood and configmap-reload both do. */
export function both(claim: string, play: Play): void {
  for (const subject of SUBJECTS) testWith(subject, claim, play);
}

/** What lastgood alone has. */
export function ours(claim: string, play: Play): void {
  testWith(LASTGOOD, claim, play);
}

/** Where they differ: what lastgood does, and where it can be shown what configmap-reload does. */
export function differs(id: DifferenceId, claim: string, here: Play, theirs?: Play): void {
  testWith(LASTGOOD, `${id}: ${claim}`, here);
  if (theirs !== undefined && PEER !== undefined)
    testWith(PEER, `${id}: the other way round`, theirs);
}

function testWith(subject: Subject, claim: string, play: Play): void {
  test(`${subject.name}: ${claim}`, async (context) => {
    const rig = await Rig.create(subject, context);
    await play(rig, context);
  });
}

/** Runs a subject that ends by itself. */
export function ended({ command: [program, ...args] }: Subject, ...flags: string[]) {
  const options = { encoding: 'utf8', timeout: DEADLINE_MS } as const;
  const { status, stdout, stderr } = spawnSync(program, [...args, ...flags], options);
  return { status, stdout, stderr };
}
