import { isMapping, type Mapping } from '@lastgood/core/model/mapping.ts';
import { SidecarFault } from './fault.ts';

/** What the sidecar sent, as an object. Throws a `SidecarFault` that names it. */
export function readJsonObject(text: string, what: string): Mapping {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // Without the cause, which quotes the text (P8).
    throw new SidecarFault(`the sidecar sent ${what} that is not JSON`);
  }
  if (!isMapping(value)) throw invalid(what);
  return value;
}

/** A field that the protocol has, but not as this. */
export function invalid(what: string): SidecarFault {
  return new SidecarFault(`the sidecar sent ${what} that is not as the protocol says`);
}

export function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
