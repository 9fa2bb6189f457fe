import { join } from 'node:path';
import {
  type DirectoryHandle,
  THROUGH_LINKS,
  withDirectory,
} from '@lastgood/core/fs/directory-handle.ts';
import { asyncFs } from '@lastgood/core/fs/fs-adapter.ts';
import type { Clock } from '@lastgood/core/model/clock.ts';
import { findingFrom, findingOf } from '@lastgood/core/model/error.ts';
import type { Finding } from '@lastgood/core/model/finding.ts';
import type { PrepareEvent } from '@lastgood/core/model/reload-event.ts';
import type { Snapshot } from '@lastgood/core/model/snapshot.ts';
import { removeTree } from '../../io/fs/remove-tree.ts';
import { redactUrl } from '../../io/http/redact-url.ts';
import { type SendWebhookOptions, sendWebhook } from '../../io/http/webhook/send-webhook.ts';
import type { BundleSettings, PrepareSettings } from '../../settings/settings.ts';

/** Attempts for each app, so that a short outage of it does not fail the rollout. */
export const ATTEMPTS = 3;

/** Two dots: apps and the layout of the published directory ignore it. */
const DRY_RUN_DIR = '..dry-run';

/** Between two attempts, unless the app asks for a longer wait. */
export const RETRY_MS = 1_000;

/**
 * The result of the dry runs. After a `fault` the version is checked again later. `restart`: all
 * accept, but some app cannot change to it while it runs.
 */
export interface Prepared {
  readonly answer: 'accepted' | 'refused' | 'fault' | 'restart';
  readonly findings: readonly Finding[];
}

export interface PrepareOptions extends Omit<SendWebhookOptions, 'signal'> {
  readonly clock: Clock;
}

/**
 * Asks the apps that can check a version without using it, one after the other. An absent app is
 * skipped: it must not block the version that would let it start. Rejects only when the signal aborts.
 */
export function createPrepare(
  settings: readonly PrepareSettings[],
  options: PrepareOptions,
): (event: PrepareEvent, signal: AbortSignal) => Promise<Prepared> {
  return async (event, signal) => {
    for (const { webhook } of settings) {
      const ask = () => sendWebhook(webhook, event, { ...options, signal });
      let result = await ask();
      for (let attempt = 1; result.answer === 'fault' && attempt < ATTEMPTS; attempt++) {
        await options.clock.sleep(Math.max(RETRY_MS, result.retryAfterMs ?? 0), signal);
        result = await ask();
      }
      signal.throwIfAborted();
      const { answer, reason } = result;
      if (answer === 'accepted' || answer === 'absent') continue;
      const code = answer === 'refused' ? 'LG_PREPARE_REFUSED' : 'LG_PREPARE_FAULT';
      const name = `webhook ${redactUrl(webhook.url)}`;
      return { answer, findings: [findingOf(code, [name, reason])] };
    }
    return { answer: 'accepted', findings: [] };
  };
}

/** A snapshot for a dry run, and its event except for the directory. */
export interface DryRun {
  readonly snapshot: Snapshot;
  readonly event: Omit<PrepareEvent, 'dir'>;
}

export interface DryRunOptions extends PrepareOptions {
  /** Writes a copy of the snapshot into a directory, which it creates; rejects if that is a link. */
  readonly publishCopy: (snapshot: Snapshot, dir: string) => Promise<void>;
}

/** Removes the copy, or whatever else has its name. Rejects with the system's error. */
export async function sweepDryRun(published: string): Promise<void> {
  const remove = (root: DirectoryHandle) => removeTree(root, DRY_RUN_DIR, asyncFs);
  await withDirectory(published, asyncFs, remove, THROUGH_LINKS);
}

/** Dry runs, each on a copy beside the published files; in direct mode on the volume itself. */
export function createDryRun(
  { prepare, publish: published, mountedAt }: BundleSettings,
  { publishCopy, ...options }: DryRunOptions,
): (request: DryRun, signal: AbortSignal) => Promise<Prepared> {
  const ask = createPrepare(prepare, options);
  if (published === undefined)
    return ({ event }, signal) => ask({ ...event, dir: mountedAt }, signal);
  const dir = join(published, DRY_RUN_DIR);
  return async ({ snapshot, event }, signal) => {
    try {
      // What an app has put there could lead the copy into the directory of another bundle.
      await sweepDryRun(published);
      await publishCopy(snapshot, dir);
      return await ask({ ...event, dir: join(mountedAt, DRY_RUN_DIR) }, signal);
    } catch (error) {
      if (signal.aborted) throw error;
      return { answer: 'fault', findings: [findingFrom(error)] };
    } finally {
      await sweepDryRun(published).catch(() => {});
    }
  };
}
