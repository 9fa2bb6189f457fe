import type { BundleSettings } from './bundle.ts';
import type { CheckedDocument } from './schema.ts';

/** What `lastgood.yaml` says, with every default filled in and every unit resolved. */
export interface Settings extends Omit<CheckedDocument, 'bundles'> {
  readonly bundles: readonly BundleSettings[];
}

/** The types of the other rooms. Each is beside the schema from which it is made. */
export type { BundleSettings } from './bundle.ts';
export type {
  CheckSettings,
  FilesCheckSettings,
  KeysCheckSettings,
  RuleSettings,
  RulesCheckSettings,
  SchemaSettings,
  TrapsMode,
} from './checks.ts';
export type {
  ConfirmSettings,
  HttpProbeSettings,
  JsonProbeSettings,
  MetricProbeSettings,
  ProcessProbeSettings,
} from './confirm.ts';
export type { ExecSettings, ExecTargetSettings } from './exec.ts';
export type { ExpandSettings } from './expand.ts';
export type { ListenSettings } from './listen.ts';
export type { ProcessSettings } from './process.ts';
export type { AuthSettings, HeaderSettings, RequestSettings, TlsSettings } from './request.ts';
export type { RestartSettings } from './restart.ts';
export type { RetrySettings } from './retries.ts';
export type { LogFormat } from './schema.ts';
export { SHAPE_MODES, type ShapeMode } from './shape-modes.ts';
export type { SignalSettings } from './signal.ts';
export type { SocketSettings } from './socket.ts';
export type { TargetSettings } from './targets.ts';
export type { HookSettings, PrepareSettings, StatusMatch, WebhookSettings } from './webhook.ts';
