import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findingsInText } from './doctor.testing.ts';

/** A reloader with a script in one of the styles of YAML, whose third line asks a port that the app has not. */
const podWith = (script: string) => `apiVersion: v1
kind: Pod
metadata: { name: web }
spec:
  containers:
    - { name: web, image: "web:1", ports: [{ containerPort: 8080 }] }
    - name: reloader
      image: "tools:1"
      command: [sh, -c]
      args:
        - ${script}
`;

const LINES = [
  '# why',
  'while inotifywait -e create /config; do',
  '  curl http://localhost:9000/',
  'done',
];

const indented = (columns: number) =>
  LINES.map((line) => `\n${' '.repeat(columns)}${line}`).join('');

const SCRIPTS: Readonly<Record<string, readonly [script: string, place: string]>> = {
  'a literal block': [`|${indented(10)}`, '14:18'],
  'a literal block with more indentation': [`|-${indented(14)}`, '14:22'],
  'an indentation indicator': [`|2${indented(10)}`, '14:18'],
  'an anchor and a comment': [`&script | # comment${indented(10)}`, '14:18'],
  'a folded block': [`>${indented(10)}`, '12:1'],
  'double quotes': [JSON.stringify(LINES.join('\n')), '11:11'],
};

for (const [what, [script, place]] of Object.entries(SCRIPTS))
  test(`${what}: a finding in a script has its line and column, where YAML keeps them`, async () => {
    for (const lineBreak of ['\n', '\r\n']) {
      const findings = await findingsInText(podWith(script).replaceAll('\n', lineBreak));
      const found = findings.filter(({ code }) => code === 'LG_DOCTOR_RELOAD_PORT');
      assert.deepEqual(
        found.map(({ location: { line, column } }) => `${line}:${column}`),
        [place],
      );
    }
  });
