import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fc } from '../../../test/property.ts';
import type { Pointer } from '../model/pointer.ts';
import { FORMAT_NAMES, type FormatName, type Position } from './format.ts';
import { FORMATS, formatOfPath } from './formats.ts';
import { json } from './json.ts';
import { yaml } from './yaml.ts';

test('the name of a file selects its format, and other files are binary', () => {
  const names: Readonly<Record<FormatName, readonly string[]>> = {
    yaml: ['a.yaml', 'x/a.yml', 'A.YAML'],
    json: ['a.json', 'config.json'],
    jsonc: ['a.jsonc'],
    json5: ['a.json5'],
    toml: ['pyproject.toml'],
    ini: ['grafana.ini'],
    properties: ['log4j2.properties'],
    env: ['.env', 'prod.env', 'x/.env.local'],
    shell: [],
    dockerconfigjson: ['.dockerconfigjson', 'pull/.dockerconfigjson'],
    dockercfg: ['.dockercfg'],
    pem: ['tls.crt', 'certs/ca.PEM'],
    text: ['a.txt', 'nginx.conf', 'haproxy.cfg', 'init.sql', 'PHP.ini', 'uwsgi.ini'],
    binary: ['password', '.yaml', 'a.json.gz', 'dockerconfigjson', 'x.env.d/a', 'logo.png'],
  };
  for (const [name, paths] of Object.entries(names))
    for (const path of paths) assert.equal(formatOfPath(path).name, name, path);
});

test('each name that settings use gives the format of that name', () => {
  for (const name of FORMAT_NAMES) assert.equal(FORMATS[name].name, name);
});

const plainData = fc.jsonValue({ depthSize: 'large', maxDepth: 6 }).filter((value) => {
  return !JSON.stringify(value).includes('__proto__') && value !== '';
});

test('no text makes a format throw, and JSON that is accepted is what JSON.parse accepts', () => {
  const formats = Object.values(FORMATS);
  const yamlish = fc.string({
    unit: fc.constantFrom(...'ab: -\n\t[]{}&*!|>\'"#%@`,?<~1.=;$\\\ré😀\0'.split('')),
  });
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.string({ unit: 'binary' }), yamlish), (text) => {
      for (const format of formats) {
        const parsed = format.parse(text);
        if (parsed.ok) parsed.documents[0]?.locate(['a', 'b'], 'value');
      }
      const parsed = json.parse(text);
      if (parsed.ok) assert.deepEqual(parsed.documents[0]?.value, JSON.parse(text));
    }),
    { numRuns: 2000 },
  );
});

test('what JSON.stringify writes is read back by json and by yaml, indented or not', () => {
  fc.assert(
    fc.property(plainData, fc.constantFrom(0, 2), (value, indent) => {
      const text = JSON.stringify(value, null, indent);
      for (const format of [json, yaml]) {
        const parsed = format.parse(text);
        assert.ok(parsed.ok, `${format.name}: ${JSON.stringify(parsed)}`);
        assert.deepEqual(parsed.documents[0]?.value, JSON.parse(text));
      }
    }),
  );
});

test('every value of a document is located at its text, in json and in yaml', () => {
  fc.assert(
    fc.property(plainData, (value) => {
      const text = JSON.stringify(value, null, 2);
      for (const format of [json, yaml]) {
        const parsed = format.parse(text);
        const document = parsed.ok ? parsed.documents[0] : undefined;
        assert.ok(document);
        for (const [pointer, inner] of scalarsIn(JSON.parse(text), [])) {
          const rest = textAt(text, document.locate(pointer, 'value'));
          assert.ok(rest.startsWith(JSON.stringify(inner)), `${format.name} /${pointer.join('/')}`);
        }
      }
    }),
  );
});

function textAt(text: string, { line, column }: Position): string {
  return text.split('\n')[line - 1]?.slice(column - 1) ?? '';
}

function scalarsIn(value: unknown, pointer: Pointer): (readonly [Pointer, unknown])[] {
  if (typeof value !== 'object' || value === null) return [[pointer, value]];
  if (Array.isArray(value))
    return value.flatMap((inner, index) => scalarsIn(inner, [...pointer, index]));
  return Object.entries(value).flatMap(([key, inner]) => scalarsIn(inner, [...pointer, key]));
}
