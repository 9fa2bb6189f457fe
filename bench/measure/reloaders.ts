import { findPeer, type PeerName } from '../../test/contract/peers.ts';
import { reloaders } from '../reloader.ts';
import type { Section } from '../section.ts';
import type { Workbench } from '../workbench.ts';
import { burstOf } from './reloaders/burst.ts';
import { latencyOf } from './reloaders/latency.ts';
import { outageOf } from './reloaders/outage.ts';

const PEERS: readonly PeerName[] = ['configmap-reload', 'prometheus-config-reloader'];

/** lastgood with the command lines of the reloaders that people run, beside those themselves. */
export async function measureReloaders(bench: Workbench): Promise<Section> {
  const contenders = reloaders();
  const latency = await latencyOf(bench, contenders);
  const burst = await burstOf(bench, contenders);
  const outage = await outageOf(bench, contenders);
  const missing = PEERS.filter((name) => findPeer(name) === undefined);
  const parts = [latency, burst, outage];
  return {
    title: 'In place of the reloaders that people run',
    tables: parts.map(({ table }) => table),
    notes: [
      ...(missing.length === 0
        ? []
        : [`Not on this machine, and so not compared with: ${missing.join(', ')}.`]),
      ...parts.flatMap(({ notes }) => notes),
    ],
    targets: parts.flatMap(({ targets }) => targets),
  };
}
