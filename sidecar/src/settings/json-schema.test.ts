import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { load } from 'js-yaml';
import { settingsJsonSchema } from './json-schema.ts';

const validate = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(settingsJsonSchema());
const sample = load(readFileSync(join(import.meta.dirname, 'sample.yaml'), 'utf8'));

test('the JSON Schema accepts the sample', () => {
  assert.ok(validate(sample), JSON.stringify(validate.errors));
});

for (const [wrong, document] of [
  ['an unknown key', { bundels: [] }],
  ['no bundle', { bundles: [] }],
  ['a duration without unit', { bundles: [{ ...first(), settle: '30' }] }],
  ['a URL that is neither http nor https', { bundles: [{ ...first(), targets: [ftp()] }] }],
  ['a path with ..', { bundles: [{ ...first(), publish: '/a/../b' }] }],
] as const)
  test(`the JSON Schema rejects ${wrong}`, () => {
    assert.ok(!validate(document));
  });

function first() {
  return { name: 'model', volumes: [{ path: '/in' }] };
}

function ftp() {
  return { webhook: { url: 'ftp://localhost/' } };
}

test('the $id does not name a host', () => {
  assert.match(String(settingsJsonSchema().$id), /^urn:/);
});

test('every key of the JSON Schema has one short sentence of description', () => {
  const keys: [string, string | undefined][] = [];
  collect(settingsJsonSchema(), '', keys);
  assert.ok(keys.length > 40);
  for (const [key, description] of keys) assert.match(description ?? '', /^[A-Z].{10,100}\.$/, key);
});

interface SchemaNode {
  description?: string;
  properties?: Record<string, SchemaNode>;
  items?: SchemaNode;
}

function collect(node: SchemaNode, path: string, keys: [string, string | undefined][]): void {
  for (const [key, inner] of Object.entries(node.properties ?? {})) {
    keys.push([`${path}.${key}`, inner.description]);
    collect(inner, `${path}.${key}`, keys);
  }
  if (node.items !== undefined) collect(node.items, `${path}[]`, keys);
}
