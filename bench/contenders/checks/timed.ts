import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { Snapshot, SnapshotFile } from '@lastgood/core/model/snapshot.ts';

/** Milliseconds, by the name of what took them. */
export type TookMs<Name extends string> = Readonly<Record<Name, readonly number[]>>;

/** Says whether it accepts a content, which it must. */
export type Way<Content> = (content: Content) => boolean | Promise<boolean>;

/** Times the ways in turns, each round in another order, once they have had `warmUp` rounds. */
export async function timed<Name extends string, Content>(
  ways: Readonly<Record<Name, Way<Content>>>,
  { warmUp, rounds }: { readonly warmUp: number; readonly rounds: number },
  contentOf: (generation: number) => Content,
): Promise<TookMs<Name>> {
  const names = Object.keys(ways) as Name[];
  const tookMs = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<
    Name,
    number[]
  >;
  for (let round = 0; round < warmUp + rounds; round += 1) {
    const content = contentOf(round);
    for (let turn = 0; turn < names.length; turn += 1) {
      const name = names[(round + turn) % names.length] as Name;
      const startedMs = performance.now();
      const isAccepted = await ways[name](content);
      if (round >= warmUp) tookMs[name].push(performance.now() - startedMs);
      assert(isAccepted, `${name} accepts what is good`);
    }
  }
  return tookMs;
}

export function fileOf(path: string, content: string): SnapshotFile {
  const bytes = Buffer.from(content);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return { path, mode: 0o644, bytes, sha256, secret: false };
}

export function snapshotOf(file: SnapshotFile): Snapshot {
  const { sha256, bytes } = file;
  const sizeBytes = bytes.length;
  return { version: `sha256:${sha256}`, files: [file], sizeBytes, writtenAtMs: 0 };
}
