import {
  type EvaluationContext,
  type FlagValue,
  type FlagValueType,
  type JsonValue,
  type Logger,
  OpenFeatureEventEmitter,
  type Provider,
  ProviderEvents,
  ProviderNotReadyError,
  type ResolutionDetails,
} from '@openfeature/server-sdk';
import type { Config, State, Unsubscribe, View } from '../config.ts';
import { FLAG_FILE } from './flag-file.ts';
import type { FlagSet } from './flag-set.ts';

/** The options of {@link LastgoodProvider}. */
export interface LastgoodProviderOptions {
  /** Path in the bundle of a file in flagd's format, in JSON or YAML: `flags.json`. */
  readonly file: string;
}

/**
 * An OpenFeature provider of the flags in a file. A file that flagd could not read is rejected as a version
 * before any flag changes. Closing the provider leaves the connection open.
 *
 * @example
 * ```ts
 * import { connect } from '@lastgood/sdk';
 * import { LastgoodProvider } from '@lastgood/sdk/openfeature';
 * import { OpenFeature } from '@openfeature/server-sdk';
 *
 * const config = await connect({ directory: 'config' });
 * await OpenFeature.setProviderAndWait(new LastgoodProvider(config, { file: 'flags.json' }));
 * console.log(await OpenFeature.getClient().getBooleanValue('checkout', false));
 * ```
 */
export class LastgoodProvider implements Provider {
  /** The name of the provider. */
  readonly metadata = { name: 'lastgood' };
  /** For the server SDK only. */
  readonly runsOn = 'server';
  /** Emits `CONFIGURATION_CHANGED` with the flags that changed, `STALE` while the state is not `ok`, and `READY`. */
  readonly events = new OpenFeatureEventEmitter();
  readonly #config: Config<unknown>;
  readonly #file: string;
  #flags: View<FlagSet> | undefined;
  #subscriptions: Unsubscribe[] = [];

  /** `config`: the result of `connect`, for any view of the bundle. */
  constructor(config: Config<unknown>, { file }: LastgoodProviderOptions) {
    this.#config = config;
    this.#file = file;
  }

  /** Reads the flags. Rejects with a {@link ConfigError} if the active version has no such file, or one that is wrong. */
  async initialize(): Promise<void> {
    const flags = await this.#config.view({ file: this.#file, schema: FLAG_FILE });
    this.#flags = flags;
    this.#subscriptions = [
      flags.onChange((next, previous) => this.#tellChange(next.changedSince(previous)), {}),
      this.#config.onState((state) => this.#tellState(state)),
    ];
    // When this has resolved, OpenFeature says `READY`, which would hide a state that is not `ok`.
    process.nextTick(() => {
      const { state } = this.#config;
      if (state.status !== 'ok') this.#tellState(state);
    });
  }

  /** Ends its subscriptions. The connection stays open. */
  async onClose(): Promise<void> {
    for (const unsubscribe of this.#subscriptions) unsubscribe();
    this.#subscriptions = [];
  }

  /** A flag whose variants are booleans, with variant and reason. OpenFeature calls it. */
  resolveBooleanEvaluation(
    ...args: [string, boolean, EvaluationContext, Logger]
  ): Promise<ResolutionDetails<boolean>> {
    return this.#resolve('boolean', ...args);
  }

  /** A flag whose variants are texts, with variant and reason. OpenFeature calls it. */
  resolveStringEvaluation(
    ...args: [string, string, EvaluationContext, Logger]
  ): Promise<ResolutionDetails<string>> {
    return this.#resolve('string', ...args);
  }

  /** A flag whose variants are numbers, with variant and reason. OpenFeature calls it. */
  resolveNumberEvaluation(
    ...args: [string, number, EvaluationContext, Logger]
  ): Promise<ResolutionDetails<number>> {
    return this.#resolve('number', ...args);
  }

  /** A flag whose variants are objects or lists, with variant and reason. OpenFeature calls it. */
  resolveObjectEvaluation<T extends JsonValue>(
    ...args: [string, T, EvaluationContext, Logger]
  ): Promise<ResolutionDetails<T>> {
    return this.#resolve('object', ...args);
  }

  async #resolve<T extends FlagValue>(
    type: FlagValueType,
    ...args: [string, T, EvaluationContext, Logger]
  ): Promise<ResolutionDetails<T>> {
    if (this.#flags === undefined) throw new ProviderNotReadyError('call initialize first');
    return this.#flags.current.resolve(type, ...args);
  }

  #tellChange(flagsChanged: string[]): void {
    this.events.emit(ProviderEvents.ConfigurationChanged, { flagsChanged });
  }

  #tellState({ status, reason = status }: State): void {
    if (status === 'ok') this.events.emit(ProviderEvents.Ready);
    else this.events.emit(ProviderEvents.Stale, { message: reason });
  }
}
