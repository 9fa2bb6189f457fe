/** Configuration that is always good, live and typed. */
import './node-version.ts';

export type { FormatName } from '@lastgood/core/formats/format.ts';
export type { ErrorCode } from '@lastgood/core/model/error-codes.ts';
export type { Finding, Location } from '@lastgood/core/model/finding.ts';
export type {
  PrepareEvent,
  ReloadEvent,
  ReloadReason,
} from '@lastgood/core/model/reload-event.ts';
export type { Version } from '@lastgood/core/model/snapshot.ts';
export type {
  BundleSnapshot,
  Change,
  ChangeOf,
  Config,
  ConnectOptions,
  Listener,
  PrepareContext,
  Prepared,
  PrepareHook,
  State,
  Unsubscribe,
  ValueOf,
  View,
  ViewOptions,
} from './config.ts';
export { ConfigError, type ConfigErrorCode } from './config-error.ts';
export type { Lease, Resource, ResourceOptions } from './config-resource.ts';
export { connect } from './connect.ts';
export { secret } from './values/schema.ts';
export { type Sealed, Secret } from './values/secret.ts';
