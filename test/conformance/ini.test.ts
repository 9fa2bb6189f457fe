import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { ini } from '@lastgood/core/formats/ini.ts';
import { fc } from '../property.ts';
import { anyBytes, corpusOf, mutatedOf } from './mutated.ts';

const RUNS = 3000;

/** The section that a key above the first one is put under for Python, which knows none such. */
const TOP = 'above-all-sections';

/** Reads many texts at once: to start Python takes longer than to read them. */
const CONFIGPARSER = `
import configparser, json, sys
answers = []
for text in json.load(sys.stdin):
    parser = configparser.ConfigParser(interpolation=None, default_section="no section", allow_no_value=False)
    parser.optionxform = str
    try:
        parser.read_string("[${TOP}]\\n" + text)
        answers.append({name: dict(parser.items(name)) for name in parser.sections()})
    except Exception as error:
        answers.append(type(error).__name__)
json.dump(answers, sys.stdout)
`;

/** What ends a line, or is white space at the end of a value, only to Python or only to JavaScript. */
const ODD_SPACE = /\r(?!\n)|\uFEFF|(?![\t\r\n ])[\p{Z}\p{Cc}]/u;

const HAS_PYTHON = spawnSync('python3', ['--version']).status === 0;
const skip = HAS_PYTHON || process.env.CI ? false : 'there is no python3 here';

test("what is accepted without a warning as *.ini is what Python's configparser reads", {
  skip,
}, () => {
  const bytes = fc.oneof({ weight: 4, arbitrary: mutatedOf(corpusOf('.ini')) }, anyBytes);
  const seed = Number(process.env.LASTGOOD_SEED ?? 1);
  const texts = fc.sample(bytes, { numRuns: RUNS, seed }).map((each) => each.toString());
  const accepted = texts.flatMap((text) => {
    if (ODD_SPACE.test(text)) return [];
    const parsed = ini.parse(text);
    return parsed.ok && parsed.warnings?.length === 0
      ? [{ text, value: parsed.documents[0]?.value as object }]
      : [];
  });
  assert.ok(accepted.length > RUNS / 10);
  const python = spawnSync('python3', ['-c', CONFIGPARSER], {
    input: JSON.stringify(accepted.map(({ text }) => text)),
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  assert.equal(python.status, 0, python.stderr);
  const answers = JSON.parse(python.stdout) as readonly unknown[];
  for (const [index, { text, value }] of accepted.entries())
    assert.deepEqual(answers[index], sectionsOf(value), JSON.stringify(text));
});

/** The keys at the top as a separate section. */
function sectionsOf(value: object): Readonly<Record<string, object>> {
  const entries = Object.entries(value);
  const sections = entries.filter(([, inner]) => typeof inner === 'object');
  const keys = entries.filter(([, inner]) => typeof inner !== 'object');
  return { [TOP]: Object.fromEntries(keys), ...Object.fromEntries(sections) };
}
