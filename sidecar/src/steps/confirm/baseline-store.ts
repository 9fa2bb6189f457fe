import { readFile } from 'node:fs/promises';
import { replaceFile } from '../../io/fs/atomic-write.ts';

/** What was before the app was told. */
export interface ConfirmBaseline {
  readonly wallMs: number;
  /** The newest time that the series had; -Infinity where there was none, or nobody to ask. */
  readonly newest: number;
  /** The sum of the series; 0 where there was none, or nobody to ask. Undefined: it could not be read. */
  readonly sum: number | undefined;
}

/** What a proof is compared with, for each way of a rollout. */
export interface BaselineStore {
  find(way: string): Promise<ConfirmBaseline | undefined>;
  /** Returns when it is on disk, where it is kept there. Never rejects. */
  add(way: string, noted: ConfirmBaseline): Promise<void>;
}

/** A rollout and its way back, and a newer one that has taken over: more are never under way. */
const MAX_NOTED = 8;

/** The same as the journal: nobody else has to read it. */
const FILE_MODE = 0o600;

/** With no path they are kept for as long as this process lives. */
export function openBaselineStore(path: string | undefined): BaselineStore {
  let known: Promise<Map<string, ConfirmBaseline>> | undefined;
  const all = () => {
    known ??= readNotes(path);
    return known;
  };
  return {
    find: async (way) => (await all()).get(way),
    add: async (way, noted) => {
      const notes = await all();
      notes.set(way, noted);
      for (const oldest of [...notes.keys()].slice(0, -MAX_NOTED)) notes.delete(oldest);
      if (path === undefined) return;
      // Where it cannot be written, nor can the journal beside it, which is waited for and told.
      await replaceFile(path, bytesOf(notes), FILE_MODE).catch(() => {});
    },
  };
}

function bytesOf(notes: ReadonlyMap<string, ConfirmBaseline>): Buffer {
  return Buffer.from(`${JSON.stringify([...notes])}\n`);
}

/** A file that was cut, or is of another lastgood, is as good as none. */
async function readNotes(path: string | undefined): Promise<Map<string, ConfirmBaseline>> {
  if (path === undefined) return new Map();
  try {
    const entries: readonly [string, ConfirmBaseline][] = JSON.parse(await readFile(path, 'utf8'));
    // JSON has no infinity, and writes null for it.
    return new Map(
      entries.map(([way, noted]) => [way, { ...noted, newest: noted.newest ?? -Infinity }]),
    );
  } catch {
    return new Map();
  }
}
