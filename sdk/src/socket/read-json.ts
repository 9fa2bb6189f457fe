import type { Version } from '@lastgood/core/model/snapshot.ts';
import { SidecarFault } from './fault.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

/** What the sidecar sent, as an object. Throws a `SidecarFault` that names it. */
export function readJsonObject(text: string, what: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // Without the cause, which quotes the text (P8).
    throw new SidecarFault(`the sidecar sent ${what} that is not JSON`);
  }
  if (!isObject(value)) throw invalid(what);
  return value;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A field that the protocol has, but not as this. */
export function invalid(what: string): SidecarFault {
  return new SidecarFault(`the sidecar sent ${what} that is not as the protocol says`);
}

export function isVersion(value: unknown): value is Version {
  return typeof value === 'string' && /^sha256:[0-9a-f]{64}$/.test(value);
}

export function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
