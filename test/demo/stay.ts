import { mkdirSync, readFileSync, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DemoFailure } from './failure.ts';
import { HOLD_MS } from './pod.ts';
import type { Screen } from './screen.ts';
import type { Ending } from './sidecar.ts';
import type { Stage } from './stage.ts';
import { ms } from './teller.ts';

/** An editor may write in several steps; this long nothing must happen before the file is read. */
const QUIET_MS = 100;
/** Findings that are shown of one rejection. */
const MAX_FINDINGS = 5;
const FILE = 'config.yaml';

/**
 * Keeps everything running, brings each edit of a `config.yaml` to the volume, and says what becomes
 * of it, until the signal comes. Rejects with a {@link DemoFailure} when a process ends by itself.
 */
export async function stay(stage: Stage, screen: Screen, signal: AbortSignal): Promise<void> {
  const dir = join(stage.dir, 'edit');
  const file = join(dir, FILE);
  mkdirSync(dir);
  writeFileSync(file, stage.published().text);
  const desk = new Desk(stage, screen, file);
  stage.traffic.easeOff();
  stage.sidecar.onEnding((ending) => desk.tell(ending));
  // The directory, not the file: many editors put a new file in the place of the old one.
  const watcher = watch(dir, () => desk.touched());
  invite(stage, screen, file);
  try {
    await Promise.race([desk.trouble, aborted(signal), ends(stage)]);
  } finally {
    watcher.close();
    desk.close();
  }
}

function invite({ app, sidecar }: Stage, screen: Screen, file: string): void {
  screen.heading('Your turn');
  screen.line();
  screen.row('edit', file, 'good');
  screen.row('app', `curl ${app.url}/predict -d '{"text": "slow and broken"}'`);
  screen.row('lastgood', `curl ${sidecar.url}/status     (or /readyz, /metrics)`);
  screen.row('try', 'batch_size: 100 · a tab · device: mps · checkpoint: review-sentiment-v6');
  screen.row('end', 'Ctrl-C');
  screen.line();
  screen.row('waiting', `for your edits; the probation takes ${HOLD_MS} ms`, 'quiet');
}

/** Where a person's edits come in, and what became of them goes out. */
class Desk {
  readonly #stage: Stage;
  readonly #screen: Screen;
  readonly #file: string;
  readonly #trouble = Promise.withResolvers<never>();
  #quiet: NodeJS.Timeout | undefined;
  #bringing: Promise<void> = Promise.resolve();
  #swappedMs = 0;

  constructor(stage: Stage, screen: Screen, file: string) {
    this.#stage = stage;
    this.#screen = screen;
    this.#file = file;
  }

  /** Rejects when an edit cannot be brought to the volume. */
  get trouble(): Promise<never> {
    return this.#trouble.promise;
  }

  /** Something happened in the directory; once it is quiet there, the file is brought. */
  touched(): void {
    clearTimeout(this.#quiet);
    this.#quiet = setTimeout(() => {
      this.#bringing = this.#bringing.then(() => this.#bring()).catch(this.#trouble.reject);
    }, QUIET_MS);
  }

  close(): void {
    clearTimeout(this.#quiet);
  }

  /** One line for the outcome, and one for each finding. */
  tell(ending: Ending): void {
    const tookMs = performance.now() - this.#swappedMs;
    const { outcome } = ending;
    if (outcome === 'committed')
      this.#committed(ending, tookMs, this.#swappedMs).catch(this.#trouble.reject);
    else if (outcome === 'unchanged') this.#screen.row('unchanged', 'the app runs on it already');
    else if (outcome === 'superseded') this.#screen.row('superseded', 'by a newer edit', 'quiet');
    else this.#failed(ending, tookMs);
  }

  async #committed({ version }: Ending, tookMs: number, swappedMs: number): Promise<void> {
    const firstMs = await this.#stage.traffic.firstSeenMs(version ?? '');
    // A version that comes back was answered with before.
    const applied = firstMs > swappedMs ? `answers after ${ms(firstMs - swappedMs)}, ` : '';
    this.#screen.row('committed', `${version}: ${applied}proven after ${ms(tookMs)}`, 'good');
  }

  #failed({ outcome, findings = [], active }: Ending, tookMs: number): void {
    const [label, end] =
      outcome === 'rejected'
        ? ['rejected', `the app was not notified, and runs on ${active}`]
        : ['rolled back', `the app is back on ${active}`];
    this.#screen.row(label, `after ${ms(tookMs)}; ${end}`, 'bad');
    for (const finding of findings.slice(0, MAX_FINDINGS)) this.#screen.row('', finding);
    if (findings.length > MAX_FINDINGS)
      this.#screen.row('', `and ${findings.length - MAX_FINDINGS} more`, 'quiet');
  }

  async #bring(): Promise<void> {
    const text = this.#read();
    const files: Record<string, string> = text === undefined ? {} : { [FILE]: text };
    this.#swappedMs = (await this.#stage.pod.configure(files)) ?? this.#swappedMs;
  }

  /** Undefined when the file is gone: then the ConfigMap is empty. */
  #read(): string | undefined {
    try {
      return readFileSync(this.#file, 'utf8');
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
      throw error;
    }
  }
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
}

async function ends({ app, sidecar }: Stage): Promise<never> {
  const name = await Promise.race(
    [app.child, sidecar.child].map(async (child) => {
      await child.ended();
      return child.name;
    }),
  );
  throw new DemoFailure(`${name} ended by itself`);
}
