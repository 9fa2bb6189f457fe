/** A table: every row has as many cells as there are columns. The first column holds words. */
export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** The aim for a number, next to what was measured. A missed aim never fails the run. */
export interface Target {
  readonly what: string;
  readonly aim: string;
  readonly measured: string;
  readonly isMet: boolean;
}

/** What one measurement has found. */
export interface Section {
  readonly title: string;
  readonly tables: readonly Table[];
  /** What the rows and columns mean. */
  readonly notes: readonly string[];
  readonly targets: readonly Target[];
}

/** A number as a cell; a dash for none. */
export function cell(value: number, digits = 2): string {
  return Number.isFinite(value) ? value.toFixed(digits) : '–';
}
