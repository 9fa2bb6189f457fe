import { createCaptureLoop } from '@lastgood/core/capture/capture-loop.ts';
import {
  type Found,
  isSnapshot,
  type Snapshot,
  type Version,
} from '@lastgood/core/model/snapshot.ts';
import { recover } from '../rollout/recovery.ts';
import type { RolloutConfig, State } from '../rollout/state.ts';
import { Driver } from './driver.ts';
import { type BundleInfo, Effects } from './effects.ts';
import type { Ports } from './ports.ts';
import { SnapshotCache } from './snapshot-cache.ts';

/** Runs the rollouts of one bundle: joins its capture loop, the state machine's driver and its effects. */
export class BundleRunner {
  readonly #config: RolloutConfig;
  readonly #ports: Ports;
  readonly #cache = new SnapshotCache();
  readonly #effects: Effects;
  readonly #driver: Driver;
  readonly #captureLoop: ReturnType<typeof createCaptureLoop>;
  /** The last captured version, whether or not the machine has seen it yet. */
  #captured: Version | null = null;
  /** When the volume was written that it was captured from. */
  #writtenAtMs = 0;
  /** The findings of the last capture, to report them once. */
  #lastFindings = '';

  constructor(bundle: BundleInfo, config: RolloutConfig, ports: Ports) {
    this.#config = config;
    this.#ports = ports;
    this.#effects = new Effects(bundle, ports, this.#cache);
    this.#driver = new Driver(config, ports, this.#cache, this.#effects);
    this.#captureLoop = createCaptureLoop(() => this.#capture(), ports);
  }

  get state(): State {
    return this.#driver.state;
  }

  /** The content of a version that the rollouts still need. */
  find(version: Version | null): Snapshot | undefined {
    return this.#cache.find(version);
  }

  /** Continues where the journal ends, then captures the volumes for the first time. */
  async start(): Promise<void> {
    const ports = this.#ports;
    const { publishes } = this.#config;
    const [saved, kept, published, captured] = await Promise.all([
      ports.readJournal(),
      ports.readLastGood(),
      ports.readPublished(),
      publishes ? null : ports.capture(),
    ]);
    const inVolume = captured?.ok ? captured.snapshot : null;
    const visible = publishes ? published : inVolume;
    const lastGood = await this.#findLastGood(kept, visible, saved);
    for (const found of [lastGood, visible]) if (isSnapshot(found)) this.#cache.put(found);
    const input = {
      saved,
      visible: isSnapshot(visible) ? visible.version : visible,
      lastGood: lastGood?.version ?? null,
      rollbackId: ports.newId(),
    };
    await this.#driver.move(recover(input, this.#config));
    await this.#captureLoop.start();
  }

  /** The kept one; if it is lost, the published one, provided the journal calls it the last good one. */
  async #findLastGood(kept: Found, visible: Found, saved: State | null): Promise<Snapshot | null> {
    if (isSnapshot(kept)) return kept;
    if (!isSnapshot(visible) || saved?.lastGood !== visible.version) return null;
    await this.#ports.keep(visible);
    return visible;
  }

  /** Captures the volumes, and rolls out what has changed. Calls during a capture become one. */
  reconcile(): Promise<void> {
    return this.#captureLoop.reconcile();
  }

  /** Finishes the running step, starts no other, and returns when the journal is written. */
  async stop(): Promise<void> {
    this.#captureLoop.stop();
    this.#effects.cancelPendingRetry();
    await this.#driver.stop();
  }

  /** Ignores the results of the steps still running: the next sidecar repeats them. */
  abandon(): void {
    this.#driver.abandon();
  }

  /** Whether the volumes could be captured. */
  async #capture(): Promise<boolean> {
    const { clock, newId, capture, observer } = this.#ports;
    const rollout = newId();
    const startedMs = clock.nowMs();
    const captured = await capture();
    const durationMs = clock.nowMs() - startedMs;
    const report = { rollout, step: 'capture', durationMs, isRollback: false } as const;
    if (!captured.ok) {
      const { findings } = captured;
      const text = JSON.stringify(findings);
      if (text !== this.#lastFindings)
        observer.step({ ...report, version: null, result: 'rejected', findings });
      this.#lastFindings = text;
      this.#captured = null;
      this.#driver.dispatch({ type: 'uncapturable', rollout, findings });
      return false;
    }
    this.#lastFindings = '';
    const { snapshot } = captured;
    const { version, writtenAtMs } = snapshot;
    const isSame = version === this.#captured;
    if (isSame && writtenAtMs === this.#writtenAtMs) return true;
    this.#captured = version;
    this.#writtenAtMs = writtenAtMs;
    if (isSame) {
      this.#cache.put(snapshot);
      this.#driver.dispatch({ type: 'captured', rollout, version, isRewritten: true });
      return true;
    }
    this.#cache.put(snapshot);
    observer.step({ ...report, version, result: 'captured', findings: [], snapshot });
    const more = (await this.#changedSinceStart()) ? ({ changedSinceStart: true } as const) : {};
    this.#driver.dispatch({ type: 'captured', rollout, version, ...more });
    return true;
  }

  /** In direct mode the app does not wait for lastgood's first capture before it reads the volume. */
  async #changedSinceStart(): Promise<boolean> {
    const { phase } = this.state;
    const isFirst = phase.name === 'starting' && phase.firstStart && !this.#config.publishes;
    return isFirst && this.#config.targets.length > 0 && this.#ports.changedSinceStart();
  }
}
