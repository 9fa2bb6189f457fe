import type { StandardSchemaV1 } from '@standard-schema/spec';
import type {
  BundleSnapshot,
  Config,
  State,
  Unsubscribe,
  ValueOf,
  View,
  ViewOptions,
} from '../config.ts';
import type { BundleClient } from './bundle-client.ts';
import { checkViewOptions } from './check-options.ts';
import { LiveView } from './live-view.ts';
import { showSnapshot } from './show-snapshot.ts';
import type { ViewEntry } from './view-entry.ts';

/** What `connect` resolves with: its view, and what concerns the whole bundle. */
export class LiveConfig<T> extends LiveView<T> implements Config<T> {
  readonly #client: BundleClient;

  constructor(client: BundleClient, entry: ViewEntry) {
    super(client, entry);
    this.#client = client;
  }

  get state(): State {
    return this.#client.states.current;
  }

  onState(listener: (state: State) => void): Unsubscribe {
    return this.#client.states.listeners.add(listener);
  }

  reload(): Promise<State> {
    return this.#client.reload();
  }

  async view<Schema extends StandardSchemaV1 | undefined = undefined>(
    options: ViewOptions<Schema>,
  ): Promise<View<ValueOf<Schema>>> {
    checkViewOptions(options);
    return new LiveView(this.#client, await this.#client.addView(options));
  }

  snapshot(): BundleSnapshot {
    return showSnapshot(this.#client.versions.current);
  }

  run<R>(fn: () => R): R {
    const { versions } = this.#client;
    return versions.pins.run(versions.current, fn);
  }

  close(): Promise<void> {
    return this.#client.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
