import { type ExecTargetSettings, execTargetSchema } from './exec.ts';
import { mapping, optional, requireOneOf } from './mapping.ts';
import { type RestartSettings, restartSchema } from './restart.ts';
import { type SignalSettings, signalSchema } from './signal.ts';
import { type SocketSettings, socketSchema } from './socket.ts';
import { type WebhookSettings, webhookSchema } from './webhook.ts';

/** One way to notify the app of a new snapshot. Its one key says which. */
export type TargetSettings =
  | { readonly webhook: WebhookSettings }
  | { readonly signal: SignalSettings }
  | { readonly restart: RestartSettings }
  | { readonly exec: ExecTargetSettings }
  | { readonly socket: SocketSettings };

const kinds = {
  webhook: optional('Notifies the app with an HTTP request.', webhookSchema),
  signal: optional('Notifies the app with a signal.', signalSchema),
  restart: optional('Ends the app, so that its container starts again.', restartSchema),
  exec: optional('Notifies the app with a command.', execTargetSchema),
  socket: optional('Notifies the app with a line over a Unix socket.', socketSchema),
};

const KINDS = Object.keys(kinds) as (keyof typeof kinds)[];

export const targetSchema = mapping(kinds, (target, report) => {
  const [kind, second] = requireOneOf(target, KINDS, report);
  if (second !== undefined) report([second], `cannot be combined with ${kind}; use two targets`);
  // Just one key is set, or a rule is broken and the settings are not used.
  return target as TargetSettings;
});
