import type { BundleSettings } from './bundle.ts';
import type { CheckedDocument } from './schema.ts';

/** What `lastgood.yaml` says, with every default filled in and every unit resolved. */
export interface Settings extends Omit<CheckedDocument, 'bundles'> {
  readonly bundles: readonly BundleSettings[];
}

/** The types of each feature, beside the schema that they are made from. */
export type * from './bundle.ts';
export type * from './checks.ts';
export type * from './confirm.ts';
export type { TlsProbeSettings } from './confirm-tls.ts';
export type * from './exec.ts';
export type * from './process.ts';
export type * from './request.ts';
export type * from './restart.ts';
export type * from './retries.ts';
export type * from './schema.ts';
export { SHAPE_MODES, type ShapeMode } from './shape-modes.ts';
export type * from './signal.ts';
export type * from './socket.ts';
export type * from './subscribers.ts';
export type * from './targets.ts';
export type * from './webhook.ts';
