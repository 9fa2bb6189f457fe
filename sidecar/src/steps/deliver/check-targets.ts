import type { Clock } from '@lastgood/core/model/clock.ts';
import type { Finding } from '@lastgood/core/model/finding.ts';
import type { Target } from './target.ts';

/** Most apps are up within this; until then, a missing process is no news. */
const PATIENCE_MS = 30_000;

/** Between two looks while the app may be starting, and after that. */
const EARLY_MS = 2_000;
const LATE_MS = 60_000;

export interface CheckTargetsOptions {
  readonly clock: Clock;
  /** Ends the checks. */
  readonly signal: AbortSignal;
  /** Called after each check of the target with this index. */
  readonly onChecked: (index: number, hasProblem: boolean) => void;
  /** A warning about a target, once until another one takes its place. */
  readonly onWarning: (finding: Finding) => void;
  /** A target that had a warning is fine now. */
  readonly onSolved: (name: string) => void;
}

/**
 * Looks from the start on whether the process of each target is there and can be notified, so that a
 * mistake shows before the first change needs it. Stops for a target once it was fine. Never rejects.
 */
export async function checkTargets(
  targets: readonly Target[],
  { clock, signal, onChecked, onWarning, onSolved }: CheckTargetsOptions,
): Promise<void> {
  const startMs = clock.nowMs();
  const warned = new Map<number, string>();
  const last = new Map<number, string>();
  const isLate = () => clock.nowMs() - startMs >= PATIENCE_MS;
  /** Whether it needs another look. */
  const look = async ({ name, check }: Target, index: number): Promise<boolean> => {
    if (check === undefined) return false;
    const checked = await check().catch(() => undefined);
    if (checked === undefined || signal.aborted) return !signal.aborted;
    const { findings, mayPass } = checked;
    onChecked(index, findings.length > 0);
    const text = findings.map(({ message }) => message).join();
    // An app that is just starting has not set its handler yet: that passes until the next look.
    const isLasting = !mayPass || (isLate() && last.get(index) === text);
    last.set(index, text);
    if (findings.length === 0) {
      if (warned.has(index)) onSolved(name);
    } else if (isLasting && warned.get(index) !== text) {
      warned.set(index, text);
      for (const finding of findings) onWarning({ ...finding, severity: 'warning' });
    }
    return findings.length > 0;
  };
  let open = [...targets.entries()];
  while (open.length > 0 && !signal.aborted) {
    const needed = await Promise.all(open.map(([index, target]) => look(target, index)));
    open = open.filter((_, place) => needed[place]);
    if (open.length > 0) await clock.sleep(isLate() ? LATE_MS : EARLY_MS, signal).catch(() => {});
  }
}
