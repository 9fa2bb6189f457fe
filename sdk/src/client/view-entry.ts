import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { PrepareHook, ViewOptions } from '../config.ts';
import type { Participant } from '../resource/host.ts';
import { Registry } from './registry.ts';

/** A view as the client knows it: its options, and what takes part in a rollout. */
export interface ViewEntry {
  /** Of its value in `Loaded`. */
  readonly index: number;
  readonly options: ViewOptions<StandardSchemaV1 | undefined>;
  /** Of the active version, at hand for the app. */
  value: unknown;
  readonly hooks: Registry<PrepareHook<unknown>>;
  /** Called after the hooks, as they are expensive. */
  readonly resources: Registry<Participant<unknown>>;
  readonly restarts: Registry<(value: unknown) => readonly unknown[]>;
}

export function createEntry(
  index: number,
  options: ViewEntry['options'],
  value: unknown,
): ViewEntry {
  return {
    index,
    options,
    value,
    hooks: new Registry(),
    resources: new Registry(),
    restarts: new Registry(),
  };
}

export function isSameView(a: ViewEntry['options'], b: ViewEntry['options']): boolean {
  const keys = ['file', 'keys', 'format', 'schema'] as const;
  return keys.every((key) => a[key] === b[key]);
}
