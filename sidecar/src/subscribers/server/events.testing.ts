import type { BundleState, ProtocolEvent } from '@lastgood/core/model/sdk-protocol.ts';
import type { Version } from '@lastgood/core/model/snapshot.ts';

/** The version of this number. */
export function versionOf(number: number): Version {
  return `sha256:${String(number).padStart(64, '0')}`;
}

export function start(number: number): ProtocolEvent {
  return { event: 'start', data: { version: versionOf(number) } };
}

export function prepare(number: number): ProtocolEvent {
  const details = { previous: null, reason: 'changed', changed: ['a.yaml'], timeoutMs: 1 } as const;
  return { event: 'prepare', data: { ...rolloutOf(number), ...details } };
}

export function commit(number: number): ProtocolEvent {
  return { event: 'commit', data: rolloutOf(number) };
}

export function abort(number: number): ProtocolEvent {
  return { event: 'abort', data: { ...rolloutOf(number), reason: 'refused by another' } };
}

export function rollback(number: number): ProtocolEvent {
  return { event: 'rollback', data: { ...rolloutOf(number), reason: 'no proof' } };
}

export function state(status: BundleState['status']): ProtocolEvent {
  return { event: 'state', data: { status } };
}

function rolloutOf(number: number) {
  return { rollout: `rollout-${number}`, version: versionOf(number) };
}
