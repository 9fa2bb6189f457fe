import type { Section } from '../section.ts';
import type { Workbench } from '../workbench.ts';
import { measureBurst } from './burst.ts';
import { measureChecks } from './checks.ts';
import { measureCold } from './cold.ts';
import { measureLatency } from './latency.ts';
import { measureMemory } from './memory.ts';
import { measureReady } from './ready.ts';
import { measureReloaders } from './reloaders.ts';
import { measureSdk } from './sdk.ts';
import { measureSdkPackage } from './sdk-package.ts';
import { measureSdkPeers } from './sdk-peers.ts';
import { measureSdkSocket } from './sdk-socket.ts';

/** Every measurement by its name, in the order in which they run. */
export const MEASUREMENTS = {
  latency: measureLatency,
  ready: measureReady,
  cold: measureCold,
  memory: measureMemory,
  checks: measureChecks,
  reloaders: measureReloaders,
  burst: measureBurst,
  sdk: measureSdk,
  'sdk-package': measureSdkPackage,
  'sdk-socket': measureSdkSocket,
  'sdk-peers': measureSdkPeers,
} as const satisfies Record<string, (bench: Workbench) => Promise<Section>>;

export type Measurement = keyof typeof MEASUREMENTS;

export const NAMES = Object.keys(MEASUREMENTS) as readonly Measurement[];
