import type { ErrorCode } from '@lastgood/core/model/error-codes.ts';
import type { Location } from '@lastgood/core/model/finding.ts';
import type { Pointer } from '@lastgood/core/model/pointer.ts';

/** Why lastgood cannot be injected into an object. */
export interface Problem {
  readonly code: ErrorCode;
  readonly args: readonly string[];
  /** Where, in the object. */
  readonly pointer: Pointer;
  /** Where, if it is in another file. */
  readonly location?: Location | undefined;
}
