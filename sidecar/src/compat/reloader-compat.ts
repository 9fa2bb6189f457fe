import type { Pointer } from '@lastgood/core/formats/format.ts';
import type Registry from 'prom-client/lib/registry.js';
import type { MetricsAdapter } from '../observability/observer.ts';

/** A reloader that people run today, whose command line lastgood understands. */
export interface ReloaderCompat {
  /** Also the name of its program: called by it, lastgood reads every command line as its. */
  readonly name: 'configmap-reload' | 'prometheus-config-reloader';
  /** Whether a command line is meant for it, by a flag that only it has. */
  matches(argv: readonly string[]): boolean;
  /** Reads the arguments after the program's name, and nothing else. Never throws. */
  read(argv: readonly string[], env: Env): CompatRequest | CompatExit;
}

export type Env = Readonly<Record<string, string | undefined>>;

/** The command line asks for nothing but a text, or is wrong. */
export interface CompatExit {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a command line asks for. */
export interface CompatRequest {
  /**
   * What it stands for, as `lastgood.yaml` says it: `lastgood explain` prints it, and what runs is
   * what the settings make of it, so that the two cannot differ.
   */
  readonly document: Readonly<Record<string, unknown>>;
  /** The flag that a part of the document comes from; undefined where it comes from none. */
  flagAt(path: Pointer): string | undefined;
  /** Prove, write and end. */
  readonly once: boolean;
  /** Where the metrics are served, beside `/metrics`; a path of plain characters. */
  readonly metricsPath: string;
  /** What `/healthz` answers, as JSON, where the program has such a page of its own. */
  readonly health?: string;
  /**
   * What the program does not start without, as a line for standard error; undefined when all is
   * there. It ends with 1. Never rejects.
   */
  missing(): Promise<string | undefined>;
  /** Adds the metrics that the reloader has to the registry; what they need is loaded only then. */
  createMetricsAdapter(registry: Registry): MetricsAdapter | Promise<MetricsAdapter>;
}
