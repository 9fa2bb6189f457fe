import { type Health, type Prediction, shortVersion, TEXT } from './app.ts';
import { check } from './failure.ts';
import type { Screen, Tone } from './screen.ts';
import type { Ending, LogLine } from './sidecar.ts';
import type { StoryStage } from './stage.ts';

/** A row of the table at the end. */
export interface Result {
  readonly chapter: string;
  readonly outcome: string;
  readonly time: string;
}

const TONES: Readonly<Record<Ending['outcome'], Tone>> = {
  committed: 'good',
  unchanged: 'plain',
  superseded: 'plain',
  rejected: 'bad',
  'rolled-back': 'bad',
};

/** A change that was committed. */
export interface Forward {
  readonly ending: Ending;
  /** From the swap to the client's first answer with it. */
  readonly appliedMs: number;
  /** From the swap to the commit. */
  readonly committedMs: number;
}

/** What several chapters do and show alike. */
export class Teller {
  readonly screen: Screen;
  readonly stage: StoryStage;
  readonly results: Result[] = [];
  /** The content that the app runs on. */
  #active = '';
  /** The versions that the app may have answered with. */
  readonly #good = new Set<string>();

  constructor(screen: Screen, stage: StoryStage) {
    this.screen = screen;
    this.stage = stage;
  }

  get goodVersions(): readonly string[] {
    return [...this.#good];
  }

  chapter(title: string, about: string): void {
    this.screen.heading(`${this.results.length + 1}  ${title}`);
    this.screen.prose(about);
    this.screen.line();
  }

  /**
   * Changes the ConfigMap and shows how it differs from what the app runs on; resolves with the
   * moment of the kubelet's swap.
   */
  async change(text: string): Promise<number> {
    this.screen.row('ConfigMap', this.stage.editing, 'quiet');
    this.screen.diff(this.#active, text);
    return this.configure(text);
  }

  /** Changes the ConfigMap and shows nothing. */
  async configure(text: string): Promise<number> {
    const swappedAtMs = await this.stage.configure(text);
    check('the kubelet swaps the volume', swappedAtMs !== undefined, true);
    return swappedAtMs ?? 0;
  }

  /** Shows a line of lastgood's log, unchanged. */
  says({ msg, outcome }: LogLine): void {
    this.screen.row('lastgood', msg, outcome === undefined ? 'plain' : TONES[outcome]);
  }

  /** How long each step took, there and back. */
  steps({ steps }: Ending): void {
    const shown = (which: readonly LogLine[]) =>
      `${which.map(({ step, durationMs = 0 }) => `${step} ${rounded(durationMs)}`).join(' · ')} ms`;
    const back = steps.filter((step) => step.back === true);
    this.screen.row('steps', shown(steps.filter((step) => step.back !== true)), 'quiet');
    if (back.length > 0) this.screen.row('and back', shown(back), 'quiet');
  }

  /** Asks the app and shows its answers; resolves with the version that it names. */
  async asks(): Promise<{ readonly version: string; readonly prediction: Prediction }> {
    const { app } = this.stage;
    const [{ body: prediction, ...predicted }, health] = await Promise.all([
      app.predict(),
      app.health(),
    ]);
    check('POST /predict answers 200', predicted.status, 200);
    const version = shortVersion(prediction.config.version);
    this.screen.row(
      'app',
      `"${TEXT}" → ${prediction.label} (${prediction.model.checkpoint}, config ${version})`,
    );
    this.#showHealth(health.status, health.body);
    check('GET /health answers 200', health.status, 200);
    check(
      '/health and /predict name one version',
      shortVersion(health.body.config.version),
      version,
    );
    return { version, prediction };
  }

  /** Checks that app, published directory and lastgood agree on this content. */
  async runsOn(text: string, version: string): Promise<void> {
    const published = this.stage.published();
    check('the published config.yaml is the expected one', published.text, text);
    check('the published directory is named after the version', published.version, version);
    const { active, lastGood } = await this.stage.sidecar.bundle();
    check('lastgood shows it as active', shortVersion(active), version);
    check('lastgood shows it as last good', shortVersion(lastGood), version);
    this.#good.add(version);
    this.#active = text;
  }

  /** Changes the ConfigMap to something good, and waits until it is committed. */
  async rollsForward(text: string): Promise<Forward> {
    const { sidecar, traffic } = this.stage;
    const mark = sidecar.child.mark;
    const swappedMs = await this.change(text);
    const ending = await sidecar.ending(mark);
    const committedMs = performance.now() - swappedMs;
    check('the rollout is committed', ending.outcome, 'committed');
    this.says(ending);
    const firstMs = await traffic.firstSeenMs(ending.version ?? '');
    return { ending, appliedMs: firstMs - swappedMs, committedMs };
  }

  /** Changes the ConfigMap to something bad, which must never reach the app. */
  async rejects(text: string, finding: RegExp): Promise<number> {
    const { sidecar, app } = this.stage;
    const [sidecarMark, appMark] = [sidecar.child.mark, app.child.mark];
    const before = this.stage.published();
    const swappedMs = await this.change(text);
    const ending = await sidecar.ending(sidecarMark);
    const tookMs = performance.now() - swappedMs;
    check('the change is rejected', ending.outcome, 'rejected');
    check(`lastgood says ${finding}`, finding.test(ending.msg) || ending.msg, true);
    this.says(ending);
    const { version } = await this.asks();
    check('the app answers as before', version, before.version);
    check('the published directory is untouched', this.stage.published(), before);
    check(
      'lastgood did not notify the app',
      ending.steps.filter(({ step }) => step === 'deliver'),
      [],
    );
    check('the app logged nothing', app.child.since(appMark), []);
    this.screen.row('time', `${ms(tookMs)} from the swap to the verdict`);
    this.screen.checked('nothing was published, and the app was not notified');
    return tookMs;
  }

  /** Ends a chapter: its row in the table. */
  end(chapter: string, outcome: string, time: string): void {
    this.results.push({ chapter, outcome, time });
  }

  #showHealth(status: number, { status: word, config }: Health): void {
    this.screen.row('', `/health → ${status} ${word} (config ${shortVersion(config.version)})`);
  }
}

/** `0.4 ms`, `12 ms`, `1.2 s`. */
export function ms(value: number): string {
  return value < 1_000 ? `${rounded(value)} ms` : `${rounded(value / 1_000)} s`;
}

function rounded(value: number): string {
  return value.toFixed(value < 10 ? 1 : 0);
}
