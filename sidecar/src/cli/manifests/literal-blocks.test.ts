import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configIn, placeOf, textsOf } from './manifests.testing.ts';

/** A ConfigMap whose `data` begins on line 4. */
const configMap = (data: string) => configIn(`apiVersion: v1\nkind: ConfigMap\ndata:\n${data}`);

const cases: [string, string, string, string][] = [
  ['a plain block', '  k: |\n    a: 1\n    b: x\n', 'a: 1\nb: x\n', '6:8'],
  ['a block without its last line feed', '  k: |-\n    a: 1\n    b: x\n', 'a: 1\nb: x', '6:8'],
  ['a block with all its line feeds', '  k: |+\n    a: 1\n    b: x\n\n', 'a: 1\nb: x\n\n', '6:8'],
  ['an indentation indicator', '  k: |2\n      a: 1\n    b: x\n', '  a: 1\nb: x\n', '6:8'],
  ['a comment after the |', '  k: | # why\n    a: 1\n    b: x\n', 'a: 1\nb: x\n', '6:8'],
  ['comments in the content', '  k: |\n    # a\n    b: x\n', '# a\nb: x\n', '6:8'],
  ['an empty line first', '  k: |\n\n    b: x\n', '\nb: x\n', '6:8'],
  ['a tab in the content', '  k: |\n    a:\t1\n    b:\tx\n', 'a:\t1\nb:\tx\n', '6:8'],
  ['CRLF', '  k: |\r\n    a: 1\r\n    b: x\r\n', 'a: 1\nb: x\n', '6:8'],
  ['a quoted key', '  "k": |\n    a: 1\n    b: x\n', 'a: 1\nb: x\n', '6:8'],
  ['an anchor and a tag', '  k: &x !!str |\n    a: 1\n    b: x\n', 'a: 1\nb: x\n', '6:8'],
  ['an alias', '  o: &x |\n    a: 1\n    b: x\n  k: *x\n', 'a: 1\nb: x\n', '6:8'],
  ['more indent', '  k: |\n        a: 1\n        b: x\n', 'a: 1\nb: x\n', '6:12'],
];

for (const [name, data, content, place] of cases)
  test(`a place in the content is one in the manifest: ${name}`, () => {
    const config = configMap(data);
    assert.equal(textsOf(config).k, content);
    assert.equal(placeOf(config, 'k', { line: 2, column: 4 }), place);
  });

test('what is missing at the end of the content is missing at the end of its last line', () => {
  const config = configMap('  k: |\n    {\n    "a": 1\n  next: x\n');
  assert.equal(placeOf(config, 'k', { line: 3, column: 1 }), '6:11');
});

test('lines of other texts than literal blocks are not lines of the manifest', () => {
  const config = configMap(
    '  a: >\n    x\n    y\n  b: "x\\ny"\n  c: x\n  d: |\n  e: &e "x"\n  f: *e\n',
  );
  for (const key of ['a', 'b', 'c', 'd', 'e', 'f'])
    assert.equal(placeOf(config, key, { line: 1, column: 1 }), 'elsewhere', key);
});

test('an anchor of another document is not meant', () => {
  const text = 'x: &a |\n  1\n---\napiVersion: v1\nkind: ConfigMap\ndata:\n  k: &a "v"\n  l: *a\n';
  assert.equal(placeOf(configIn(text), 'l', { line: 1, column: 1 }), 'elsewhere');
});
