import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { Config, ConnectOptions, ValueOf } from './config.ts';
import type { Provider } from './provider.ts';

const DEFAULT_SOCKET = '/lastgood/run/sdk.sock';

/**
 * Connects to a bundle, and resolves once its first version is there and valid. The values are of the active
 * version from then on, and stay good whatever happens to the files.
 *
 * Rejects with a {@link ConfigError}: no good version in time (`LG_SDK_TIMEOUT`), content that the app cannot use
 * (`LG_SDK_INVALID`), a wrong option (`LG_SDK_OPTION`), or a signal that aborts (`LG_SDK_ABORTED`).
 *
 * @example
 * ```ts
 * import { connect } from '@lastgood/sdk';
 * import { z } from 'zod';
 *
 * const schema = z.object({ model: z.string(), batch_size: z.int().max(64) });
 * const config = await connect({ file: 'config.yaml', schema });
 * console.log(config.current.batch_size);
 * ```
 */
export async function connect<Schema extends StandardSchemaV1 | undefined = undefined>(
  options: ConnectOptions<Schema> = {},
): Promise<Config<ValueOf<Schema>>> {
  // An app may import the SDK long before, or without ever connecting.
  const [provider, { connectTo }, { readValue }] = await Promise.all([
    providerFor(options),
    import('./client/connect-to.ts'),
    import('./values/read-value.ts'),
  ]);
  return connectTo(provider, options, readValue);
}

/** The options decide, then the environment: the same code runs on a laptop and in a pod. */
async function providerFor(
  options: ConnectOptions<StandardSchemaV1 | undefined>,
): Promise<Provider> {
  const { directory, socket = DEFAULT_SOCKET } = findPlace(options);
  // An app needs only one of them.
  if (directory === undefined) {
    const { createSocketProvider } = await import('./socket/socket-provider.ts');
    return createSocketProvider({ socket, bundle: options.bundle });
  }
  const { createDirectoryProvider } = await import('./directory/directory-provider.ts');
  return createDirectoryProvider({ directory, secret: options.secret });
}

function findPlace({ directory, socket }: ConnectOptions<StandardSchemaV1 | undefined>) {
  if (directory !== undefined || socket !== undefined) return { directory, socket };
  // An empty variable is not set.
  if (process.env.LASTGOOD_SOCKET) return { socket: process.env.LASTGOOD_SOCKET };
  if (process.env.LASTGOOD_DIR) return { directory: process.env.LASTGOOD_DIR };
  return {};
}
