import type * as z from 'zod/mini';
import { execTargetSchema } from './exec.ts';
import { mapping, optional, requireOneOf } from './mapping.ts';
import { restartSchema } from './restart.ts';
import { signalSchema } from './signal.ts';
import { socketSchema } from './socket.ts';
import { subscribersSchema } from './subscribers.ts';
import { webhookSchema } from './webhook.ts';

const kinds = {
  webhook: optional('Notifies the app with an HTTP request.', webhookSchema),
  signal: optional('Notifies the app with a signal.', signalSchema),
  restart: optional('Ends the app, so that its container starts again.', restartSchema),
  exec: optional('Notifies the app with a command.', execTargetSchema),
  socket: optional('Notifies the app with a line over a Unix socket.', socketSchema),
  subscribers: optional('Has the processes that use the SDK switch together.', subscribersSchema),
};

/** One way to notify the app of a new snapshot. Its one key says which. */
export type TargetSettings = {
  [Kind in keyof typeof kinds]: {
    readonly [Key in Kind]: NonNullable<z.output<(typeof kinds)[Kind]>>;
  };
}[keyof typeof kinds];

export const targetSchema = mapping(kinds, (target, report) => {
  const [kind, second] = requireOneOf(target, report);
  if (second !== undefined) report([second], `cannot be combined with ${kind}; use two targets`);
  // Without the keys that are not set. If more than one is, these settings are not used.
  const set = Object.entries(target).filter(([, settings]) => settings !== undefined);
  return Object.fromEntries(set) as unknown as TargetSettings;
});
