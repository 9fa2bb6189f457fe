import type { ChangeOf, Listener, PrepareHook, Unsubscribe, View } from '../config.ts';
import { ConfigError } from '../config-error.ts';
import type { Resource, ResourceOptions } from '../config-resource.ts';
import type { ResourceHost } from '../resource/host.ts';
import { openResource } from '../resource/resource.ts';
import { iterateChanges } from './changes.ts';
import { Cursor } from './cursor.ts';
import { listen } from './listen.ts';
import { isAnyRunning } from './pins.ts';
import type { Versions } from './versions.ts';
import type { ViewEntry } from './view-entry.ts';

/** What a view needs of its client. */
export interface ViewClient {
  readonly versions: Versions;
  tellError(from: string, error: unknown): void;
  hostOf(entry: ViewEntry): ResourceHost<unknown>;
}

/** A view as the app has it. After close it keeps its last value, and calls nothing. */
export class LiveView<T> implements View<T> {
  readonly #client: ViewClient;
  readonly #entry: ViewEntry;

  constructor(client: ViewClient, entry: ViewEntry) {
    this.#client = client;
    this.#entry = entry;
  }

  // An app may read it for each request and line: no more than a comparison and two loads.
  get current(): T {
    return (isAnyRunning() ? this.#readPinned() : this.#entry.value) as T;
  }

  get version() {
    return this.#client.versions.current.version;
  }

  onChange(
    listener: Listener<T>,
    { select }: { readonly select?: (value: T) => unknown } = {},
  ): Unsubscribe {
    const report = (error: unknown) => this.#client.tellError('onChange', error);
    return listen(this.#client.versions, this.#entry.index, { listener, select, report });
  }

  prepare(hook: PrepareHook<T>): Unsubscribe {
    return this.#entry.hooks.add(hook as PrepareHook<unknown>);
  }

  needsRestart(select: (value: T) => readonly unknown[]): Unsubscribe {
    return this.#entry.restarts.add(select as (value: unknown) => readonly unknown[]);
  }

  changes({ signal }: { readonly signal?: AbortSignal } = {}): AsyncIterableIterator<ChangeOf<T>> {
    return iterateChanges(
      this.#client.versions,
      new Cursor<T>(this.#client.versions, this.#entry.index),
      signal,
    );
  }

  async resource<Part, Opened>(
    options: ResourceOptions<T, Part, Opened>,
  ): Promise<Resource<Opened>> {
    if (this.#client.versions.isClosed) throw new ConfigError('LG_SDK_CLOSED');
    const host = this.#client.hostOf(this.#entry) as ResourceHost<T>;
    return this.#client.versions.pins.outside(() => openResource(options, host));
  }

  #readPinned(): unknown {
    const { versions } = this.#client;
    return versions.valueOf(versions.current, this.#entry.index);
  }
}
