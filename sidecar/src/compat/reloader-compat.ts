import type { Mapping } from '@lastgood/core/model/mapping.ts';
import type { Pointer } from '@lastgood/core/model/pointer.ts';
import type Registry from 'prom-client/lib/registry.js';
import type { MetricsAdapter } from '../observability/observer.ts';
import type { Env } from '../steps/expand/expand.ts';
import type { CompatFlags } from './flags.ts';

/** A reloader that people run today, whose command line lastgood understands. */
export interface ReloaderCompat {
  /** Called by this name, lastgood reads every command line as the reloader's. */
  readonly name: 'configmap-reload' | 'prometheus-config-reloader';
  /** The flags that only this reloader has: one of them shows that a command line is for it. */
  readonly ownFlags: CompatFlags;
  /** Parses the arguments after the program's name. Reads no file and never throws. */
  read(argv: readonly string[], env: Env): CompatRequest | CompatExit;
}

/** The command line only asks for a text, or is wrong. */
export interface CompatExit {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a command line asks for. */
export interface CompatRequest {
  /** The flags in the form of `lastgood.yaml`: what lastgood runs, and `lastgood explain` prints. */
  readonly document: Mapping;
  /** The flag that a part of the document comes from; undefined if it comes from none. */
  flagAt(path: Pointer): string | undefined;
  /** Paths in it that may be a credential in the place of its file, so `explain` hides them (P8). */
  readonly hidden: readonly string[];
  /** Validate, write and exit. */
  readonly once: boolean;
  /** Where to serve the metrics, in addition to `/metrics`; a path of plain characters. */
  readonly metricsPath: string;
  /** What `/healthz` answers, as JSON, if the reloader has such a page. */
  readonly health?: string;
  /**
   * Why the reloader would not start, in one line for standard error, such as a directory that does
   * not exist; undefined if it would. It exits with 1. Never rejects.
   */
  missing(): Promise<string | undefined>;
  /** Adds the reloader's metrics to the registry, and imports what they need. */
  createMetricsAdapter(registry: Registry): MetricsAdapter | Promise<MetricsAdapter>;
}
