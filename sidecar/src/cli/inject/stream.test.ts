import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createLines } from '@lastgood/core/formats/lines.ts';
import { yaml } from '@lastgood/core/formats/yaml.ts';
import { isMapping } from '@lastgood/core/model/mapping.ts';
import { dump, loadAll } from 'js-yaml';
import { injectText } from './inject-text.ts';
import { fixture, OPTIONS } from './plan.testing.ts';
import { readStream } from './stream.ts';
import { readTextNodes } from './text-nodes.ts';
import { uninjectText } from './uninject-text.ts';

const FORMS = ['a stream', 'a List', 'a List in JSON'] as const;

/** A ConfigMap and a Deployment for each app. */
function manifestOf(count: number, form: (typeof FORMS)[number]): string {
  const pair = (app: number) => {
    const name = `app-${String(app).padStart(3, '0')}`;
    const config = `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\ndata: {a: "1"}\n`;
    return `${config}---\n${fixture('one-container').replace(/^( {2}name: ).*/m, `$1${name}`)}`;
  };
  const stream = Array.from({ length: count }, (_, app) => pair(app)).join('---\n');
  const list = { apiVersion: 'v1', kind: 'List', items: loadAll(stream) };
  if (form === 'a List in JSON') return JSON.stringify(list, null, 2);
  return form === 'a List' ? dump(list) : stream;
}

/** The number of characters that are parsed meanwhile. */
function parsedDuring<Result>(context: TestContext, run: () => Result) {
  const { mock } = context.mock.method(yaml, 'parse');
  const result = run();
  const lengths = mock.calls.map(({ arguments: [text] }) => text.length);
  mock.restore();
  return { result, parsed: lengths.reduce((sum, length) => sum + length, 0) };
}

for (const form of FORMS)
  test(`${form}: the work of inject, of a second run, of an upgrade and of uninject grows with the manifest alone`, (context) => {
    const works = [20, 40].map((count) => {
      const original = manifestOf(count, form);
      const first = parsedDuring(context, () => injectText('m', original, OPTIONS));
      assert.equal(first.result.text.split('lastgood.dev/undo').length, count + 1);
      const { text } = first.result;
      const again = parsedDuring(context, () => injectText('m', text, OPTIONS));
      const edited = text.replaceAll('64Mi', '96Mi');
      const newer = { ...OPTIONS, image: 'lastgood:1.3.0', version: '1.3.0' };
      const upgrade = parsedDuring(context, () => injectText('m', edited, newer));
      const taken = parsedDuring(context, () => uninjectText('m', text));
      assert.equal(again.result.text, text);
      assert.match(upgrade.result.notes.join(), /keeps what was edited/);
      assert.equal(taken.result.text, original);
      return [first, again, upgrade, taken].map(({ parsed }) => parsed);
    });
    const [half = [], whole = []] = works;
    half.forEach((work, index) => {
      const ratio = (whole[index] ?? 0) / work;
      assert.ok(ratio > 1.9 && ratio < 2.1, `${index}: ${whole[index]} characters after ${work}`);
    });
  });

test('of many workloads, those that cannot be written are named', () => {
  const original = manifestOf(9, 'a stream');
  const folded = original
    .split('---\n')
    .map((text, index) =>
      [3, 15].includes(index)
        ? text.replace(/- name: (\S+)\n( +)configMap/, '- name: >-\n$2  $1\n$2configMap')
        : text,
    )
    .join('---\n');
  const { findings, text } = injectText('m', folded, OPTIONS);
  assert.equal(text, folded);
  assert.deepEqual(
    findings.map(({ code, message }) => [code, /app-\d+/.exec(message)?.[0]]),
    [
      ['LG_INJECT_TEXT', 'app-001'],
      ['LG_INJECT_TEXT', 'app-007'],
    ],
  );
});

test('a workload whose ConfigMap is taken does not keep others from being written', () => {
  const twice = `${manifestOf(2, 'a stream')}---\n${manifestOf(1, 'a stream')}`;
  const { findings } = injectText('m', twice, OPTIONS);
  assert.deepEqual(
    findings.map(({ code, location }) => [code, location?.line]),
    [['LG_INJECT_TAKEN', twice.split('\n').lastIndexOf('kind: Deployment')]],
  );
});

/** Streams in which it is not plain where a document begins. */
const STREAMS: Readonly<Record<string, string>> = {
  'comments around': '# top\n---\n# first\na: 1\n# end\n---\n# alone\n---\n--- # more\nb: 2\n',
  CRLF: 'a: 1\r\n---\r\n# alone\r\n---\r\nb: |\r\n  c\r\n  ---\r\n',
  'a value behind the marker': '--- a\n--- "b"\n--- {c: 1}\n---\t{d: 1}\n--- |\n e\n',
  'a marker in a block text': 'a: |\n  ---\n  b\n---\nc: >+\n  d\n\n\n---\ne: 1',
  'words like a marker': 'a: 1\n---b: 2\n----: 3\n',
  'a directive': '%YAML 1.2\n---\na: 1\n...\n%YAML 1.2\n---\nb: 2\n',
  'the marker of an end': 'a: 1\n...\n# alone\n---\nb: 2\n',
  'a null, and nothing': '---\n---\n~\n---\n!!null\n---\n&a\n---\n',
  'the same anchors': 'a: &x [1]\nb: *x\n---\na: &x 2\nb: *x\n---\na: &x 2\nb: *x\n',
  'brackets that end at their key': 'a: 1\n---\nb: [\n  1\n]\nc: 2\n---\nd: 3\n',
  'line breaks of YAML 1.1': 'a: "\u2028---\u2028"\n---\nb: 1\n',
  'a byte order mark in it': 'a: 1\n---\n\uFEFFb: 1\n',
};

for (const [what, text] of Object.entries(STREAMS))
  test(`${what}: each document has its node`, () => {
    const stream = readStream(text);
    assert.ok(!('findings' in stream));
    const roots = readTextNodes(text) ?? [];
    assert.equal(stream.documents.length, roots.length);
    stream.documents.forEach(({ value, locate }, index) => {
      const node = stream.nodeOf(index);
      assert.deepEqual(node, roots[index]);
      for (const key of isMapping(value) ? Object.keys(value) : []) {
        const start = node?.children.get(key)?.key?.start ?? 0;
        assert.deepEqual(createLines(text)(start), locate([key], 'key'));
      }
    });
  });

test('a reason names the line of the whole stream', () => {
  const above = `${manifestOf(2, 'a stream')}---\n`;
  const line = above.split('\n').length;
  const broken = 'a: 1\na: 2\n';
  const subPath = fixture('one-container').replace('mountPath:', 'subPath: a, mountPath:');
  const reasons = [broken, subPath].map((last) => {
    const options = { ...OPTIONS, workload: ['web'] };
    const { findings, idle = [] } = injectText('m', above + last, options);
    return [...findings, ...idle].map(({ code, location }) => `${code} ${location?.line}`);
  });
  const lineInside = subPath.split('\n').findIndex((each) => each.includes('subPath'));
  assert.deepEqual(reasons, [
    [`LG_VALIDATE_DUPLICATE_KEY ${line + 1}`],
    [`LG_INJECT_SUB_PATH ${line + lineInside}`],
  ]);
});
