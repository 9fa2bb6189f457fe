import type { TestContext } from 'node:test';
import type { SchemaSettings } from '../../settings/settings.ts';
import { check, fileOf, saidOf, schemaFile } from '../../steps/validate/snapshot.testing.ts';

/** Imports that work from anywhere. */
const IMPORTS = `import { z } from ${JSON.stringify(import.meta.resolve('zod'))};
import * as mini from ${JSON.stringify(import.meta.resolve('zod/mini'))};
import * as v from ${JSON.stringify(import.meta.resolve('valibot'))};
`;

/** A module that exports what an expression of `z`, `mini` or `v` gives. */
export function moduleOf(t: TestContext, expression: string): Promise<SchemaSettings> {
  return schemaFile(t, `${IMPORTS}export default ${expression};\n`, 'schema.mjs');
}

/** A module that exports a Standard Schema whose `validate` is this function. */
export function moduleAsking(t: TestContext, validate: string): Promise<SchemaSettings> {
  const standard = `{ version: 1, vendor: 'test', validate: ${validate} }`;
  return schemaFile(t, `export default { '~standard': ${standard} };\n`, 'schema.mjs');
}

/** The findings of a schema for this `config.yaml`, without the parts that all lines share. */
export async function saidBy(
  schema: SchemaSettings,
  content: string,
  secret = false,
): Promise<readonly string[]> {
  const file = fileOf('config.yaml', content, secret);
  const lines = await saidOf(file, [check('config.yaml', { schema })]);
  return lines.map((line) => line.replace(' [LG_VALIDATE_SCHEMA]', '').replace('config.yaml:', ''));
}
