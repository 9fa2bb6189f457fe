import { readFileSync } from 'node:fs';
import type { ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { load } from 'js-yaml';

/** The least that a check by a schema takes: the two libraries, without lines and columns. */
export function compileFloor(schemaPath: string): ValidateFunction {
  const ajv = new Ajv2020({ allErrors: true });
  formats.default(ajv);
  return ajv.compile(JSON.parse(readFileSync(schemaPath, 'utf8')));
}

export function passesFloor(bytes: Uint8Array, validate: ValidateFunction): boolean {
  return validate(load(Buffer.from(bytes).toString('utf8')));
}
