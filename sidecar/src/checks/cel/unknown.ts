import { randomUUID } from 'node:crypto';
import { type CelInput, type CelResult, isCelError } from '@bufbuild/cel';

/** Not a text that a content could have, since messages of errors quote contents. */
const REASON = `undecided ${randomUUID()}`;

/** The library does not know the class, and ends an evaluation that reads a value of it. */
class UnknownInput {
  toString(): string {
    throw new Error(REASON);
  }
}

/** What the app makes of a tagged value: a rule that reads it is not decided. */
export const UNKNOWN_INPUT = new UnknownInput() as unknown as CelInput;

/** Whether the result of a rule depends on an unknown value. */
export function isUndecided(result: CelResult): boolean {
  return isCelError(result) && result.message === REASON;
}
