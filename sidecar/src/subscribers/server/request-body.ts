import type { Ack, SubscriberSchema } from '@lastgood/core/model/sdk-protocol.ts';
import type { Version } from '@lastgood/core/model/snapshot.ts';
import { badRequest } from './problem.ts';

/** Unknown fields are ignored, so that later versions of a client can have more. */
type Fields = Readonly<Record<string, unknown>>;

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
    ...(reasons === undefined ? {} : { reasons }),
  };
}

/** Throws a `Problem` that says what is wrong. The schemas themselves can be anything that JSON Schema has. */
export function readSchemas(body: string): readonly SubscriberSchema[] {
  const { schemas } = parse(body);
  if (!Array.isArray(schemas)) throw badRequest('schemas must be a list');
  return schemas.map((entry: unknown, index) => {
    const at = `schemas[${index}]`;
    if (!isFields(entry)) throw badRequest(`${at} must be an object`);
    const { file, keys, schema } = entry;
    if (!isFields(schema) && typeof schema !== 'boolean')
      throw badRequest(`${at}.schema must be a JSON Schema`);
    if (typeof file === 'string' && keys === undefined) return { file, schema };
    if (typeof keys === 'string' && file === undefined) return { keys, schema };
    throw badRequest(`${at} must have either file or keys, a text`);
  });
}

/** Throws a `Problem` that names the field or parameter. */
export function readVersion(value: unknown, name: string): Version {
  if (typeof value !== 'string' || !/^sha256:[0-9a-f]{64}$/.test(value))
    throw badRequest(`${name} must be sha256: and 64 hex digits`);
  return value as Version;
}

function parse(body: string): Fields {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch (error) {
    throw badRequest(`its body is not JSON: ${(error as Error).message}`);
  }
  if (!isFields(value)) throw badRequest('its body must be a JSON object');
  return value;
}

function choice<T extends string>(fields: Fields, name: string, choices: readonly T[]): T {
  const found = choices.find((each) => each === fields[name]);
  if (found === undefined) throw badRequest(`${name} must be one of ${choices.join(', ')}`);
  return found;
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string');
}
