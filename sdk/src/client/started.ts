import { formatFinding } from '@lastgood/core/model/finding.ts';
import { ConfigError } from '../config-error.ts';
import type { Provider } from '../provider.ts';
import { messageOf } from './guard.ts';
import { shorten } from './reasons.ts';

/** Tells the provider whether the app can run on its first version. Rejects as `load` does. */
export async function tellStarted<T>(provider: Provider, load: () => Promise<T>): Promise<T> {
  try {
    const loaded = await load();
    provider.started?.({ verdict: 'accept' });
    return loaded;
  } catch (error) {
    // An app that has closed it says nothing about the version.
    if (!(error instanceof ConfigError && error.code === 'LG_SDK_CLOSED'))
      provider.started?.({ verdict: 'reject', reasons: shorten(reasonsOf(error), []) });
    throw error;
  }
}

function reasonsOf(error: unknown): readonly string[] {
  const findings = error instanceof ConfigError ? error.findings : [];
  return findings.length > 0 ? findings.map(formatFinding) : [messageOf(error)];
}
