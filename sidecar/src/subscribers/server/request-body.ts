import type { IncomingMessage } from 'node:http';
import { createLimiter } from '@lastgood/core/capture/limiter.ts';
import { isMapping, type Mapping } from '@lastgood/core/model/mapping.ts';
import type { Ack, SubscriberSchema } from '@lastgood/core/model/sdk-protocol.ts';
import { isVersion, type Version } from '@lastgood/core/model/snapshot.ts';
import { truncate } from '@lastgood/core/model/truncate.ts';
import { badRequest } from './problem.ts';

/** Unknown fields are ignored, so that later versions of a client can have more. */

/** Longer bodies are read a few at a time, so that many clients cannot take all memory. */
const LARGE_BYTES = 16 * 2 ** 10;
const MAX_LARGE = 8;

/** Of one answer; the rest is dropped, as the answers of all subscribers are in memory together. */
const MAX_REASONS = 10;
const MAX_REASON_LENGTH = 300;

/**
 * For the bodies of one route, undefined if a request has none. Few large ones are in memory at a time, until what
 * uses them has ended.
 */
export function createBodyReader(maxBytes: number) {
  const limiter = createLimiter(MAX_LARGE);
  return async <T>(
    message: IncomingMessage | undefined,
    use: (text: string) => T | Promise<T>,
  ): Promise<T> => {
    if (message === undefined) return use('');
    const length = Number(message.headers['content-length'] ?? Number.POSITIVE_INFINITY);
    const work = async () => use(await readText(message, maxBytes));
    return length <= LARGE_BYTES ? work() : limiter.run('a body', work);
  };
}

/** Throws a `Problem` if it is too long. Then the client can still read the response. */
async function readText(message: IncomingMessage, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of message.iterator({ destroyOnReturn: false })) {
    sizeBytes += chunk.length;
    if (sizeBytes > maxBytes) throw badRequest(`its body has more than ${maxBytes} bytes`, 413);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

/** Throws a `Problem` that says what is wrong. */
export function readAck(body: string): Ack {
  const fields = parse(body);
  const event = choice(fields, 'event', ['start', 'prepare', 'commit', 'rollback']);
  const verdict = choice(fields, 'verdict', ['accept', 'reject', 'restart']);
  const version = readVersion(fields.version, 'version');
  const { rollout, reasons } = fields;
  if (rollout === undefined && event !== 'start') throw badRequest('rollout is missing');
  if (rollout !== undefined && typeof rollout !== 'string')
    throw badRequest('rollout must be a text');
  if (reasons !== undefined && !isTexts(reasons))
    throw badRequest('reasons must be a list of texts');
  return {
    event,
    version,
    verdict,
    ...(rollout === undefined ? {} : { rollout }),
    ...(reasons === undefined ? {} : { reasons: reasons.slice(0, MAX_REASONS).map(shorten) }),
  };
}

/** On one line, as logs and `/readyz` show it. */
export function toOneLine(text: string): string {
  return text.replace(/[\p{Cc}\s]+/gu, ' ').trim();
}

/** A part of a string keeps all of it in memory, so this is a copy. */
function shorten(reason: string): string {
  return Buffer.from(truncate(toOneLine(reason), MAX_REASON_LENGTH)).toString();
}

/** Throws a `Problem` that says what is wrong. The entries themselves can be anything: see `SchemaKeeper`. */
export function readSchemas(body: string): readonly SubscriberSchema[] {
  const { schemas } = parse(body);
  if (!Array.isArray(schemas) || !schemas.every(isMapping))
    throw badRequest('schemas must be a list of objects');
  return schemas as readonly unknown[] as readonly SubscriberSchema[];
}

/** Throws a `Problem` that names the field or parameter. */
export function readVersion(value: unknown, name: string): Version {
  if (!isVersion(value)) throw badRequest(`${name} must be sha256: and 64 hex digits`);
  return value;
}

function parse(body: string): Mapping {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch (error) {
    throw badRequest(`its body is not JSON: ${(error as Error).message}`);
  }
  if (!isMapping(value)) throw badRequest('its body must be a JSON object');
  return value;
}

function choice<T extends string>(fields: Mapping, name: string, choices: readonly T[]): T {
  const found = choices.find((each) => each === fields[name]);
  if (found === undefined) throw badRequest(`${name} must be one of ${choices.join(', ')}`);
  return found;
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string');
}
