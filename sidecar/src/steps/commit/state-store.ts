import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { asyncFs, inMemory, syncFs } from '@lastgood/core/fs/fs-adapter.ts';
import { reasonOf, withErrorCode } from '@lastgood/core/model/error.ts';
import { isMapping } from '@lastgood/core/model/mapping.ts';
import { replaceFile } from '../../io/fs/atomic-write.ts';
import { makeDirectory } from '../../io/fs/make-directory.ts';
import { readBoundedFile } from '../../io/fs/read-bounded-file.ts';
import {
  MAX_STATE_BYTES,
  STATE_DIRECTORY_MODE,
  STATE_FILE_MODE,
  writeStateFile,
} from '../../io/fs/state-file.ts';
import type { State } from '../../rollout/state.ts';
import { isState } from './journal-shape.ts';
import { upgradeV1 } from './journal-v1.ts';

/** The format that is written. Format 1 is read as well: see `journal-v1.ts`. */
const JOURNAL_FORMAT = 2;

const VERSION_KEY_BYTES = 32;

/** The state of a bundle across restarts, in `stateDir/<bundle>/`. */
export interface Store {
  /** The last good snapshot, as a published directory; undefined: everything is in memory only. */
  readonly lastGoodDir: string | undefined;
  /** What is published for lastgood alone, in the same layout: the whole snapshot of a file of `expand`. */
  readonly expandedDir: string | undefined;
  /** The same, of a bundle that the app gets over the socket. */
  readonly socketDir: string | undefined;
  /** Where the restart target with this index in the settings records its restarts. */
  readonly restartJournalPath: ((target: number) => string) | undefined;
  /** Where `confirm` records what it compares with. */
  readonly baselinePath: string | undefined;
  /** For the copies that commands check. It need not exist. */
  readonly stagingDir: string;
  /** The HMAC key for the versions of secret bundles; created once. */
  readonly versionKey: Buffer;
  /** Null if there is none, or if it cannot be used any more (after a call of `onLost`). */
  readJournal(): Promise<State | null>;
  /** Returns when it is on disk. Rejects with LG_COMMIT_STATE. Undefined without `stateDir`. */
  readonly writeJournal: ((state: State) => Promise<void>) | undefined;
}

/** Opens or creates a bundle's state; without `stateDir` in memory. Rejects with LG_COMMIT_STATE. */
export async function openStore(
  stateDir: string | undefined,
  bundle: string,
  onLost: (reason: string) => void,
): Promise<Store> {
  if (stateDir === undefined)
    return {
      lastGoodDir: undefined,
      expandedDir: undefined,
      socketDir: undefined,
      restartJournalPath: undefined,
      baselinePath: undefined,
      stagingDir: join(tmpdir(), `lastgood-${process.pid}-${bundle}`),
      versionKey: randomBytes(VERSION_KEY_BYTES),
      readJournal: async () => null,
      writeJournal: undefined,
    };
  const dir = join(stateDir, bundle);
  const lastGoodDir = join(dir, 'last-good');
  const journal = join(dir, 'journal.json');
  const keyFile = join(dir, 'version.key');
  const guarded = <T>(work: () => Promise<T>) => withErrorCode('LG_COMMIT_STATE', dir, work);
  const createDirectory = () => makeDirectory(lastGoodDir, STATE_DIRECTORY_MODE);
  await guarded(createDirectory);
  const versionKey = await guarded(() => openKey(keyFile));
  // Each change waits for the journal before the app is notified; in memory that takes no time.
  const fs = (await guarded(() => inMemory(dir))) ? syncFs : asyncFs;
  return {
    lastGoodDir,
    expandedDir: join(dir, 'expanded'),
    socketDir: join(dir, 'published'),
    restartJournalPath: (target) => join(dir, `target-${target}.json`),
    baselinePath: join(dir, 'confirm.json'),
    stagingDir: join(dir, 'staged'),
    versionKey,
    readJournal: () => guarded(() => readJournal(journal, onLost)),
    writeJournal: (state) =>
      guarded(async () => {
        // What a start finds again by a capture is left out.
        const lasting = { ...state, desired: null, checking: null, next: null, rejected: null };
        const content = { format: JOURNAL_FORMAT, state: lasting };
        try {
          await writeStateFile(journal, content, fs);
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
          // The directory was removed while lastgood runs.
          await createDirectory();
          await replaceFile(keyFile, versionKey, STATE_FILE_MODE, fs);
          await writeStateFile(journal, content, fs);
        }
      }),
  };
}

async function openKey(path: string): Promise<Buffer> {
  const found = await readIfExists(path);
  if (found?.length === VERSION_KEY_BYTES) return found;
  const created = randomBytes(VERSION_KEY_BYTES);
  await replaceFile(path, created, STATE_FILE_MODE);
  return created;
}

async function readIfExists(path: string): Promise<Buffer | null> {
  const file = await readBoundedFile(path, MAX_STATE_BYTES);
  if ('text' in file) return Buffer.from(file.text, 'latin1');
  if (file.problem === 'missing') return null;
  throw new Error(file.reason);
}

async function readJournal(path: string, onLost: (reason: string) => void): Promise<State | null> {
  try {
    const bytes = await readIfExists(path);
    if (bytes === null) return null;
    const { format, state } = JSON.parse(bytes.toString('utf8'));
    const current = format === 1 && isMapping(state) ? upgradeV1(state) : state;
    if ((format === 1 || format === JOURNAL_FORMAT) && isState(current)) return current;
    onLost(`${path} was written by another version of lastgood`);
  } catch (error) {
    const reason = reasonOf(error);
    onLost(reason.startsWith(path) ? reason : `${path}: ${reason}`);
  }
  return null;
}
