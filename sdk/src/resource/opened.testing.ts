import assert from 'node:assert/strict';

/** What a resource opens in tests. It knows whether it is open. */
export interface TestOpened {
  readonly part: number;
  isOpen: boolean;
}

/** Opens and closes, and counts. */
export class TestModels {
  /** Of all that were opened, in order. */
  readonly parts: number[] = [];
  open = 0;
  /** The most that were open at once. */
  peak = 0;

  readonly load = (part: number): TestOpened => {
    this.parts.push(part);
    this.open += 1;
    this.peak = Math.max(this.peak, this.open);
    return { part, isOpen: true };
  };

  readonly release = (opened: TestOpened): void => {
    assert.ok(opened.isOpen, 'closed once');
    opened.isOpen = false;
    this.open -= 1;
  };
}
