import { join } from 'node:path';
import type { Clock } from '@lastgood/core/model/clock.ts';
import { findingFrom } from '@lastgood/core/model/error.ts';
import type { Logger } from 'pino';
import { logFailedStart, logProblem } from '../observability/log.ts';
import type { Metrics } from '../observability/metrics.ts';
import { isSealed, subscribersOf } from '../settings/bundle.ts';
import type { Settings } from '../settings/settings.ts';
import type { SubscriberSchemas } from '../steps/validate/subscriber-schemas.ts';
import type { Hub } from '../subscribers/hub.ts';
import type { KnownSecrets } from './known-secrets.ts';

/** The name in `runDir`. */
const SOCKET_NAME = 'sdk.sock';

export interface HubsOptions {
  readonly settings: Settings;
  /** Version of the program. */
  readonly program: string;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly metrics: Metrics;
  readonly log: Logger;
  readonly secrets: KnownSecrets;
}

/** The hubs of the bundles that have subscribers, and the socket that serves them. */
export interface Hubs {
  /** Undefined: the bundle has no `subscribers` target. */
  hubOf(bundle: string): Hub | undefined;
  /** The schemas of its subscribers. */
  schemasOf(bundle: string): SubscriberSchemas | undefined;
  close(): Promise<void>;
}

/**
 * Opens the SDK's socket, if a bundle has a `subscribers` target. Loads its code only then. Rejects with
 * LG_SERVE_SOCKET.
 */
export async function openHubs(options: HubsOptions): Promise<Hubs> {
  const { settings, program, log } = options;
  const { runDir, socketMode: mode, socketGroup: group } = settings;
  const names = settings.bundles.map(({ name }) => name);
  if (!settings.bundles.some(subscribersOf))
    return { hubOf: () => undefined, schemasOf: () => undefined, close: async () => {} };
  const made = await createHubs(options);
  const byName = new Map(made.map((each) => [each.hub.name, each]));
  const hubs = made.map(({ hub }) => hub);
  const { serveSubscribers } = await import('../subscribers/server/server.ts');
  const server = await serveSubscribers({
    path: join(runDir, SOCKET_NAME),
    mode,
    group,
    bundles: hubs,
    others: names.filter((name) => !byName.has(name)),
    program,
    onError: (error) => logProblem(log, findingFrom(error)),
  });
  for (const hub of hubs) hub.opened();
  return {
    hubOf: (bundle) => byName.get(bundle)?.hub,
    schemasOf: (bundle) => byName.get(bundle)?.schemas,
    close: async () => {
      for (const hub of hubs) hub.close();
      await server.close();
    },
  };
}

interface Made {
  readonly hub: Hub;
  readonly schemas: SubscriberSchemas;
}

async function createHubs(options: HubsOptions): Promise<Made[]> {
  const { settings, clock, newId, metrics, log, secrets } = options;
  const { Hub } = await import('../subscribers/hub.ts');
  const { createSubscriberSchemas, schemaBytes } = await import(
    '../steps/validate/subscriber-schemas.ts'
  );
  const { memoryNow } = await import('../io/process/container-memory.ts');
  const { heap_size_limit: heapBytes } = process.getBuiltinModule('node:v8').getHeapStatistics();
  const count = settings.bundles.filter(subscribersOf).length;
  const maxBytes = schemaBytes(heapBytes, memoryNow().limitBytes, count);
  return settings.bundles.flatMap((bundle) => {
    const subscribers = subscribersOf(bundle);
    if (subscribers === undefined) return [];
    const { name } = bundle;
    const schemas = createSubscriberSchemas(maxBytes);
    const hub = new Hub({
      ...subscribers,
      name,
      clock,
      newId,
      sealed: isSealed(bundle),
      schemas,
      onCount: (count) => metrics.subscribersAre(name, count),
      onAnswer: ({ event, version, verdict }, label) => {
        metrics.subscriberAnswered(name, event, verdict);
        if (event === 'start' && verdict !== 'accept')
          logFailedStart(log.child({ bundle: name }), version, secrets.scrub(label));
      },
    });
    return [{ hub, schemas }];
  });
}
