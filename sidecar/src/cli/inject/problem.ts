import type { ErrorCode } from '@lastgood/core/model/error-codes.ts';
import type { Pointer } from '@lastgood/core/model/pointer.ts';

/** Why lastgood cannot be injected into an object. */
export interface Problem {
  readonly code: ErrorCode;
  readonly args: readonly string[];
  /** Where, in the object. */
  readonly pointer: Pointer;
}
