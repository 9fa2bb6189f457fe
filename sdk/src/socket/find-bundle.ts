import { ConfigError } from '../config-error.ts';
import { SidecarFault } from './fault.ts';
import type { Sidecar } from './sidecar.ts';

/** The only bundle that an app can connect to. Rejects if there is none yet, and if the app has to choose. */
export async function findOnlyBundle(sidecar: Sidecar, signal: AbortSignal): Promise<string> {
  const [only, ...others] = await sidecar.bundles(signal);
  if (only === undefined)
    throw new SidecarFault('no bundle of the sidecar has a target `subscribers`');
  if (others.length > 0)
    throw new ConfigError('LG_SDK_OPTION', ['bundle', `one of ${[only, ...others].join(', ')}`]);
  return only;
}

/** The error for a name that the sidecar does not know. */
export async function unknownBundle(
  sidecar: Sidecar,
  bundle: string,
  signal: AbortSignal,
): Promise<ConfigError> {
  const known = await sidecar.bundles(signal);
  const names = known.length > 0 ? known.join(', ') : 'there is none';
  return new ConfigError('LG_SDK_OPTION', [
    'bundle',
    `a bundle with a target \`subscribers\` (${names}), and is ${JSON.stringify(bundle)}`,
  ]);
}
