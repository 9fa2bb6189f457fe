import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { WITHIN_MS } from '../api.ts';
import { matchesOutput } from './matches.ts';
import { Shell, type ShellResult } from './shell.ts';
import { type PageStep, stepsIn } from './steps.ts';

const ROOT = join(import.meta.dirname, '../../..');

/** Commands that only read. A reader repeats them until what the page shows has happened. */
const READS = /^(?:kubectl (?:get|describe|logs|events)|curl) /;

const POLL_MS = 1_000;

/**
 * Does all that a page says, as its reader would, from the top of a clone: runs each block of commands in one
 * shell, and compares what it prints. At the end removes the namespaces.
 */
export async function followPage(
  t: TestContext,
  path: string,
  namespaces: readonly string[],
): Promise<void> {
  const steps = stepsIn(readFileSync(join(ROOT, path), 'utf8'));
  assert.notEqual(steps.length, 0, `${path} has no commands`);
  const shell = new Shell(ROOT);
  t.after(async () => {
    for (const name of namespaces)
      await shell.run(`kubectl delete namespace ${name} --ignore-not-found --wait=false`);
    await shell.close();
  });
  const startedMs = Date.now();
  for (const step of steps) {
    const { status, output } = await runStep(shell, step);
    assert.equal(status, 0, `${path}:${step.line}\n${step.commands}${output}`);
    await waitForAccounts(shell, step);
    if (step.output !== undefined && !matchesOutput(output, step.output))
      assert.equal(output, step.output, `${path}:${step.line}\n${step.commands}`);
  }
  const tookMs = Date.now() - startedMs;
  t.diagnostic(`${path}: ${steps.length} steps in ${Math.round(tookMs / 1000)} s`);
}

/** A reader types slower than the controller creates the account of a namespace, which each pod needs. */
async function waitForAccounts(shell: Shell, { commands }: PageStep): Promise<void> {
  for (const [, name] of commands.matchAll(/^kubectl create namespace (\S+)$/gm)) {
    const wait = `kubectl wait --for=create --timeout=${WITHIN_MS / 1_000}s -n ${name} serviceaccount/default`;
    const { status, output } = await shell.run(wait);
    assert.equal(status, 0, output);
  }
}

async function runStep(shell: Shell, { commands, output: shown }: PageStep): Promise<ShellResult> {
  const deadlineMs = performance.now() + WITHIN_MS;
  for (;;) {
    const result = await shell.run(commands);
    const isShown = shown === undefined || matchesOutput(result.output, shown);
    if (isShown || !READS.test(commands) || performance.now() > deadlineMs) return result;
    await sleep(POLL_MS);
  }
}
