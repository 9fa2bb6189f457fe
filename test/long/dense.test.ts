import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { launchOf } from '../../bench/sidecar.ts';
import { temporaryDirectory } from '../kubelet/temporary-directory.ts';

const BUILT = join(import.meta.dirname, '../../sidecar/dist/lastgood.js');

/** The largest file for the main thread; a larger one gets a worker thread. */
const INLINE_BYTES = 32 * 2 ** 10;
const LARGE_BYTES = 2 ** 20;

/** A container of 64 MiB, as the process sees it; its heap is that of the first line. */
const IN_64_MIB = 'data:text/javascript,process.constrainedMemory=()=>64*2**20';

/** As many values as fit into a text of each format. */
const DENSE: Readonly<Record<string, (sizeBytes: number) => string>> = {
  'list.yaml': (size) => listOf(size),
  'lines.yaml': (size) => '-\n'.repeat(size / 2),
  'keys.yaml': (size) => keysOf(size, ': 1\n'),
  'list.json': (size) => listOf(size),
  'lists.json': (size) => `[${'[],'.repeat(size / 3 - 2)}[]]`,
  'list.jsonc': (size) => listOf(size),
  'list.json5': (size) => listOf(size),
  'list.toml': (size) => `a = ${listOf(size - 4)}`,
  'keys.toml': (size) => keysOf(size, '=1\n'),
  'keys.ini': (size) => keysOf(size, '=1\n'),
  'keys.properties': (size) => keysOf(size, '=1\n'),
  'keys.env': (size) => keysOf(size, '=1\n'),
};

function listOf(sizeBytes: number): string {
  return `[${'1,'.repeat(sizeBytes / 2 - 2)}1]`;
}

function keysOf(sizeBytes: number, rest: string): string {
  const lines: string[] = [];
  for (let left = sizeBytes, key = 0; left > 0; key += 1) {
    const line = `k${key.toString(36)}${rest}`;
    left -= line.length;
    if (left >= 0) lines.push(line);
  }
  return lines.join('');
}

interface Check {
  readonly name: string;
  readonly content: string;
  /** Beside its name, in `validate`. */
  readonly check?: object;
}

/** Lets the built sidecar check one file, and asserts that it ends by itself and with a verdict. */
function judged(dir: string, { name, content, check = {} }: Check): string {
  const source = join(dir, 'source');
  mkdirSync(source);
  writeFileSync(join(source, name), content);
  const volumes = [{ path: source }];
  const validate = [{ files: name, ...check }, { shape: 'same' }];
  const settings = { stateDir: join(dir, 'state'), bundles: [{ name: 'b', volumes, validate }] };
  writeFileSync(join(dir, 'lastgood.yaml'), JSON.stringify(settings));
  const { env, flags } = launchOf(BUILT);
  const { status, signal, stderr } = spawnSync(
    process.execPath,
    [...flags, '--import', IN_64_MIB, BUILT, '--config', join(dir, 'lastgood.yaml'), '--once'],
    { encoding: 'utf8', env: { ...process.env, ...env }, timeout: 240_000 },
  );
  assert.equal(signal, null, stderr);
  assert.ok(status === 0 || status === 1, `${status}: ${stderr}`);
  if (status === 1) assert.match(stderr, /\[LG_VALIDATE_\w+\]/);
  return stderr;
}

for (const [name, contentOf] of Object.entries(DENSE)) {
  test(`32 KiB of the densest ${name} pass in the heap of the main thread`, (context) => {
    const said = judged(temporaryDirectory(context), { name, content: contentOf(INLINE_BYTES) });
    assert.doesNotMatch(said, /LG_/);
  });

  test(`1 MiB of the densest ${name} gets a verdict, and never ends the sidecar`, (context) => {
    judged(temporaryDirectory(context), { name, content: contentOf(LARGE_BYTES) });
  });
}

test('32 KiB of the densest YAML pass a schema and rules in the heap of the main thread', (context) => {
  const dir = temporaryDirectory(context);
  const schema = join(dir, 'dense.schema.json');
  writeFileSync(schema, JSON.stringify({ items: { type: 'integer', minimum: 1 } }));
  const rules = [{ rule: 'self.all(each, each == 1)' }];
  const content = listOf(INLINE_BYTES);
  const said = judged(dir, { name: 'a.yaml', content, check: { schema, rules } });
  assert.doesNotMatch(said, /LG_/);
});

test('a pattern that backtracks without end is a finding', (context) => {
  const dir = temporaryDirectory(context);
  const schema = join(dir, 'slow.schema.json');
  writeFileSync(schema, JSON.stringify({ additionalProperties: { pattern: '^(a+)+$' } }));
  const content = `k: ${'a'.repeat(100)}b\n`;
  assert.match(
    judged(dir, { name: 'a.yaml', content, check: { schema } }),
    /LG_VALIDATE_TOO_HEAVY/,
  );
});

test('a rule with loops inside loops over a large list is a finding', (context) => {
  const rules = [{ rule: 'self.all(a, self.all(b, self.all(c, a + b + c == 3)))' }];
  const content = listOf(LARGE_BYTES / 4);
  const said = judged(temporaryDirectory(context), { name: 'a.yaml', content, check: { rules } });
  assert.match(said, /LG_VALIDATE_(?:RULE|TOO_HEAVY)/);
});
