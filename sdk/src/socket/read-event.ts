import { isMapping, type Mapping } from '@lastgood/core/model/mapping.ts';
import { PROTOCOL_VERSION, type ProtocolEvent } from '@lastgood/core/model/sdk-protocol.ts';
import { isVersion } from '@lastgood/core/model/snapshot.ts';
import { ConfigError } from '../config-error.ts';
import { invalid, isText, readJsonObject } from './read-json.ts';

/** A longer one would let a dead connection look alive. */
const MAX_HEARTBEAT_MS = 3_600_000;

const hasRollout = ({ rollout, version }: Mapping) => isText(rollout) && isVersion(version);

/** Only the fields that the SDK reads. */
const IS_VALID: Readonly<Record<ProtocolEvent['event'], (data: Mapping) => boolean>> = {
  hello: ({ subscriber, protocol, heartbeatMs }) =>
    isId(subscriber) && typeof protocol === 'number' && isDuration(heartbeatMs),
  start: ({ version }) => isVersion(version),
  prepare: (data) => hasRollout(data) && (data.reason === 'changed' || data.reason === 'manual'),
  commit: hasRollout,
  abort: (data) => hasRollout(data) && isText(data.reason),
  rollback: (data) => hasRollout(data) && isText(data.reason),
  state: ({ status, reason, rejected }) =>
    isStatus(status) &&
    (reason === undefined || isText(reason)) &&
    (rejected === undefined || isRejected(rejected)),
};

/** Reads one event. Undefined: a later version of the protocol has added it. Throws a `SidecarFault`. */
export function readEvent(name: string | undefined, text: string): ProtocolEvent | undefined {
  if (name === undefined || !Object.hasOwn(IS_VALID, name)) return undefined;
  const event = name as ProtocolEvent['event'];
  const data = readJsonObject(text, `an event ${event}`);
  if (!IS_VALID[event](data)) throw invalid(`an event ${event}`);
  return { event, data } as unknown as ProtocolEvent;
}

/** The sidecar speaks another version of the protocol than this SDK. */
export function protocolError(protocol: number): ConfigError | undefined {
  if (protocol === PROTOCOL_VERSION) return undefined;
  return new ConfigError('LG_SDK_PROTOCOL', [PROTOCOL_VERSION, protocol]);
}

/** Harmless in a path and in a header. */
export function isId(value: unknown): value is string {
  return typeof value === 'string' && /^[\w.-]{1,200}$/.test(value);
}

function isDuration(value: unknown): boolean {
  return typeof value === 'number' && value > 0 && value <= MAX_HEARTBEAT_MS;
}

function isStatus(value: unknown): boolean {
  return value === 'ok' || value === 'degraded' || value === 'pending-restart';
}

function isRejected(value: unknown): boolean {
  if (!isMapping(value) || !isVersion(value.version) || !Array.isArray(value.reasons)) return false;
  return value.reasons.every((reason) => typeof reason === 'string');
}
