import { findingFrom } from '@lastgood/core/model/error.ts';
import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { Config, ConnectOptions, ValueOf } from '../config.ts';
import { ConfigError, invalidConfig } from '../config-error.ts';
import type { Provider } from '../provider.ts';
import { startTimer } from '../timer.ts';
import { BundleClient, type ReadValue } from './bundle-client.ts';
import { checkOptions } from './check-options.ts';
import { LiveConfig } from './live-config.ts';

const TIMEOUT_MS = 10_000;
const PREPARE_TIMEOUT_MS = 300_000;

/**
 * Connects an app to a provider. Resolves once the first version is there and valid.
 *
 * Rejects with a `ConfigError`, and then leaves nothing behind.
 */
export async function connectTo<Schema extends StandardSchemaV1 | undefined = undefined>(
  provider: Provider,
  options: ConnectOptions<Schema>,
  readValue: ReadValue,
): Promise<Config<ValueOf<Schema>>> {
  checkOptions(options);
  const { bundle, prepareTimeoutMs = PREPARE_TIMEOUT_MS } = options;
  const client = new BundleClient(provider, { bundle, prepareTimeoutMs, readValue });
  const { timeoutMs = TIMEOUT_MS, signal } = options;
  const control = new AbortController();
  const abort = () =>
    control.abort(new ConfigError('LG_SDK_ABORTED', [], { cause: signal?.reason }));
  const giveUp = () => control.abort(timeoutError(timeoutMs, client));
  // The app waits for it.
  const timer = startTimer(timeoutMs, giveUp, { keepsAlive: true });
  if (signal?.aborted) abort();
  signal?.addEventListener('abort', abort, { once: true });
  try {
    control.signal.throwIfAborted();
    const entry = await Promise.race([
      whenAborted(control.signal),
      client.start(options, control.signal),
    ]);
    return new LiveConfig(client, entry);
  } catch (error) {
    void client.close();
    throw control.signal.aborted ? control.signal.reason : toConfigError(error);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
  }
}

function whenAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const end = () => reject(signal.reason);
    if (signal.aborted) end();
    signal.addEventListener('abort', end, { once: true });
  });
}

/** With what it waited for: the provider says why it has no version, or the schema has not answered. */
function timeoutError(timeoutMs: number, { states, versions }: BundleClient): ConfigError {
  const isLoaded = versions.active.files.length > 0;
  const reason = isLoaded ? 'the schema has not answered' : states.current.reason;
  return new ConfigError('LG_SDK_TIMEOUT', [timeoutMs, reason === undefined ? '' : `: ${reason}`]);
}

function toConfigError(error: unknown): ConfigError {
  if (error instanceof ConfigError) return error;
  return invalidConfig([findingFrom(error)], error);
}
