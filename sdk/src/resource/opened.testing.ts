import assert from 'node:assert/strict';

/** What a resource opens in tests. It knows whether it is open. */
export interface TestOpened {
  readonly part: number;
  isOpen: boolean;
}

/** Opens and closes, and counts. */
export class TestModels {
  readonly all: TestOpened[] = [];
  /** The most that were open at once. */
  peak = 0;

  get open(): number {
    return this.all.filter(({ isOpen }) => isOpen).length;
  }

  get parts(): readonly number[] {
    return this.all.map(({ part }) => part);
  }

  readonly load = (part: number): TestOpened => {
    const opened = { part, isOpen: true };
    this.all.push(opened);
    this.peak = Math.max(this.peak, this.open);
    return opened;
  };

  readonly release = (opened: TestOpened): void => {
    assert.ok(opened.isOpen, 'closed once');
    opened.isOpen = false;
  };
}
