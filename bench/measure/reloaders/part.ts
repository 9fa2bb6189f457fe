import type { Table, Target } from '../../section.ts';

/** One of the things in which the reloaders are compared. */
export interface Part {
  readonly table: Table;
  readonly notes: readonly string[];
  readonly targets: readonly Target[];
}
