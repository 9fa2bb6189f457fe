import type {
  ChangeOf,
  Listener,
  PrepareHook,
  Resource,
  ResourceOptions,
  Unsubscribe,
  View,
} from '../config.ts';
import { ConfigError } from '../config-error.ts';
import type { ResourceHost } from '../resource/host.ts';
import { openResource } from '../resource/resource.ts';
import { iterateChanges } from './changes.ts';
import { Cursor } from './cursor.ts';
import { listen } from './listen.ts';
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
  // Beside the entry, as reading the value must cost next to nothing.
  readonly #versions: Versions;
  readonly #index: number;

  constructor(client: ViewClient, entry: ViewEntry) {
    this.#client = client;
    this.#entry = entry;
    this.#versions = client.versions;
    this.#index = entry.index;
  }

  get current(): T {
    const versions = this.#versions;
    return versions.valueOf(versions.current, this.#index) as T;
  }

  get version() {
    return this.#versions.current.version;
  }

  onChange(
    listener: Listener<T>,
    { select }: { readonly select?: (value: T) => unknown } = {},
  ): Unsubscribe {
    const report = (error: unknown) => this.#client.tellError('onChange', error);
    return listen(this.#versions, this.#index, { listener, select, report });
  }

  prepare(hook: PrepareHook<T>): Unsubscribe {
    return this.#entry.hooks.add(hook as PrepareHook<unknown>);
  }

  needsRestart(select: (value: T) => readonly unknown[]): Unsubscribe {
    return this.#entry.restarts.add(select as (value: unknown) => readonly unknown[]);
  }

  changes({ signal }: { readonly signal?: AbortSignal } = {}): AsyncIterableIterator<ChangeOf<T>> {
    return iterateChanges(this.#versions, new Cursor<T>(this.#versions, this.#index), signal);
  }

  async resource<Part, Opened>(
    options: ResourceOptions<T, Part, Opened>,
  ): Promise<Resource<Opened>> {
    if (this.#versions.isClosed) throw new ConfigError('LG_SDK_CLOSED');
    const host = this.#client.hostOf(this.#entry) as ResourceHost<T>;
    return this.#versions.pins.outside(() => openResource(options, host));
  }
}
