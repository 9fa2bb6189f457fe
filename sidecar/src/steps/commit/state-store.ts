import { randomBytes } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { asyncFs, inMemory, syncFs } from '@lastgood/core/fs/fs-adapter.ts';
import { LastgoodError, reasonOf } from '@lastgood/core/model/error.ts';
import { replaceFile } from '../../io/fs/atomic-write.ts';
import { PHASE_NAMES, type State } from '../../rollout/state.ts';
import { type StateV1, upgradeV1 } from './journal-v1.ts';

/** The format that is written. Format 1 is read as well: see `journal-v1.ts`. */
const JOURNAL_FORMAT = 2;

const VERSION_KEY_BYTES = 32;

/** Only the sidecar's own user reads what it remembers: secrets are part of it. */
const FILE_MODE = 0o600;
const DIRECTORY_MODE = 0o700;

/** What one bundle remembers across restarts, in `stateDir/<bundle>/`. */
export interface Store {
  /**
   * Where the last good snapshot is kept, in the layout of a published directory; undefined: nothing
   * outlives the process, and the last good one is in its memory alone.
   */
  readonly lastGoodDir: string | undefined;
  /** Where what was written by `expand` is kept as a whole, in the same layout. */
  readonly expandedDir: string | undefined;
  /** Where the target with this index in the settings may note what it has done. */
  readonly memoryPath: ((target: number) => string) | undefined;
  /** Where a proof may keep what was before the app saw a version. */
  readonly notesPath: string | undefined;
  /** For copies that commands look at. It need not exist. */
  readonly stagingDir: string;
  /** The HMAC key for the versions of secret bundles; made once, then always the same. */
  readonly versionKey: Buffer;
  /** Null when there is none, or when it is of no use any more (then `onLost` was told). */
  readJournal(): Promise<State | null>;
  /** Returns when it is on disk. Rejects with LG_COMMIT_STATE. Undefined: nothing is written anywhere. */
  readonly writeJournal: ((state: State) => Promise<void>) | undefined;
}

/**
 * Opens, or creates, what a bundle remembers; without `stateDir` nothing is written anywhere.
 * Rejects with LG_COMMIT_STATE.
 */
export async function openStore(
  stateDir: string | undefined,
  bundle: string,
  onLost: (reason: string) => void,
): Promise<Store> {
  return stateDir === undefined ? forgetful(bundle) : openOnDisk(stateDir, bundle, onLost);
}

function forgetful(bundle: string): Store {
  return {
    lastGoodDir: undefined,
    expandedDir: undefined,
    memoryPath: undefined,
    notesPath: undefined,
    stagingDir: join(tmpdir(), `lastgood-${process.pid}-${bundle}`),
    versionKey: randomBytes(VERSION_KEY_BYTES),
    readJournal: async () => null,
    writeJournal: undefined,
  };
}

async function openOnDisk(
  stateDir: string,
  bundle: string,
  onLost: (reason: string) => void,
): Promise<Store> {
  const dir = join(stateDir, bundle);
  const lastGoodDir = join(dir, 'last-good');
  const journal = join(dir, 'journal.json');
  const guarded = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw new LastgoodError('LG_COMMIT_STATE', [dir, reasonOf(error)], { cause: error });
    }
  };
  await guarded(() => mkdir(lastGoodDir, { recursive: true, mode: DIRECTORY_MODE }));
  const versionKey = await guarded(() => openKey(join(dir, 'version.key')));
  // Each change waits for the journal before the app is told; in memory there is no need to.
  const calls = (await guarded(() => inMemory(dir))) ? syncFs : asyncFs;
  return {
    lastGoodDir,
    expandedDir: join(dir, 'expanded'),
    memoryPath: (target) => join(dir, `target-${target}.json`),
    notesPath: join(dir, 'confirm.json'),
    stagingDir: join(dir, 'staged'),
    versionKey,
    readJournal: () => guarded(() => readJournal(journal, onLost)),
    writeJournal: (state) =>
      guarded(async () => {
        try {
          await replaceFile(journal, journalOf(state), FILE_MODE, calls);
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
          // Somebody has removed the directory while we run.
          await mkdir(lastGoodDir, { recursive: true, mode: DIRECTORY_MODE });
          await replaceFile(join(dir, 'version.key'), versionKey, FILE_MODE, calls);
          await replaceFile(journal, journalOf(state), FILE_MODE, calls);
        }
      }),
  };
}

async function openKey(path: string): Promise<Buffer> {
  const found = await readIfThere(path);
  if (found?.length === VERSION_KEY_BYTES) return found;
  const made = randomBytes(VERSION_KEY_BYTES);
  await replaceFile(path, made, FILE_MODE);
  return made;
}

async function readIfThere(path: string): Promise<Buffer | null> {
  try {
    return await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

async function readJournal(path: string, onLost: (reason: string) => void): Promise<State | null> {
  const bytes = await readIfThere(path);
  if (bytes === null) return null;
  try {
    const { format, state } = JSON.parse(bytes.toString('utf8'));
    if (format === JOURNAL_FORMAT && isState(state)) return state;
    if (format === 1 && isStateV1(state)) return upgradeV1(state);
    onLost(`${path} is of another version of lastgood`);
  } catch (error) {
    onLost(`${path}: ${reasonOf(error)}`);
  }
  return null;
}

/** Not a proof, but enough to tell a journal of this format from one of another version of lastgood. */
function isState(state: Partial<State> | undefined): state is State {
  return (
    isPhase(state?.phase) &&
    typeof state?.generation === 'number' &&
    Array.isArray(state.notifiedTargets) &&
    Array.isArray(state.quarantine)
  );
}

function isStateV1(state: Partial<StateV1> | undefined): state is StateV1 {
  return (
    isPhase(state?.phase) &&
    typeof state?.seq === 'number' &&
    Array.isArray(state.told) &&
    Array.isArray(state.quarantine)
  );
}

function isPhase(phase: { readonly name?: string } | undefined): boolean {
  const names: readonly (string | undefined)[] = PHASE_NAMES;
  return names.includes(phase?.name);
}

/**
 * Only what cannot be learnt anew: what the volume holds is captured again at the start, and what
 * waits behind the step in hand is found again that way. Leaving it out spares a write a capture.
 */
function journalOf(state: State): Buffer {
  const lasting: State = { ...state, desired: null, checking: null, next: null, rejected: null };
  return Buffer.from(`${JSON.stringify({ format: JOURNAL_FORMAT, state: lasting })}\n`);
}
