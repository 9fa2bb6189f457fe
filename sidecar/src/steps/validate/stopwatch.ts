/** The kinds of checks: values of the `check` label of the metrics. */
export const CHECK_KINDS = [
  'parse',
  'schema',
  'rules',
  'keys',
  'shape',
  'traps',
  'certificates',
  'exec',
] as const;

export type CheckKind = (typeof CHECK_KINDS)[number];

/** How long checks took, in milliseconds. */
export type TookMs = Readonly<Partial<Record<CheckKind, number>>>;

/** Sums up the time of each kind of check. */
export class Stopwatch {
  readonly tookMs: Partial<Record<CheckKind, number>> = {};

  time<Result>(kind: CheckKind, work: () => Result): Result {
    const startedMs = performance.now();
    try {
      return work();
    } finally {
      this.add({ [kind]: performance.now() - startedMs });
    }
  }

  /** Calls `onChecked` once for each kind of check that ran. */
  report(onChecked: (kind: CheckKind, ms: number) => void): void {
    for (const kind of CHECK_KINDS) {
      const ms = this.tookMs[kind];
      if (ms !== undefined) onChecked(kind, ms);
    }
  }

  add(tookMs: TookMs): void {
    for (const kind of CHECK_KINDS) {
      const ms = tookMs[kind];
      if (ms !== undefined) this.tookMs[kind] = (this.tookMs[kind] ?? 0) + ms;
    }
  }
}
