import assert from 'node:assert/strict';
import { test } from 'node:test';
import { yaml } from '@lastgood/core/formats/yaml.ts';
import { readObjects } from './manifests.ts';
import { sealedSource } from './sealed-source.ts';

/** The lines of a manifest that a report may show. */
function shownLines(text: string): readonly string[] {
  const parsed = yaml.parse(text);
  assert.ok(parsed.ok);
  const { isSealed } = sealedSource(readObjects('m.yaml', text, yaml, parsed.documents));
  return text.split('\n').filter((_, index) => !isSealed(index + 1));
}

function pod(container: string, metadata = 'metadata: { name: a }'): string {
  return `apiVersion: v1\nkind: Pod\n${metadata}\nspec:\n  containers:\n    - name: a\n${container}`;
}

const PLACES: Readonly<Record<string, string>> = {
  'a variable': '      env:\n        - name: TOKEN\n          value: canary\n      image: kept\n',
  'a variable of several lines, in quotes':
    '      env:\n        - name: TOKEN\n          value:\n            "canary\n            canary\n            canary"\n      image: kept\n',
  'a folded variable':
    '      env:\n        - name: TOKEN\n          value: >-\n            canary\n            canary\n            canary\n      image: kept\n',
  'a private key':
    '      env:\n        - name: A\n          value: |\n            -----BEGIN PRIVATE KEY-----\n            canary\n\n            canary\n            -----END PRIVATE KEY-----\n      image: kept\n',
  'a block in a list':
    '      args:\n        - --token\n        - |\n          canary\n          canary\n      image: kept\n',
  'an alias':
    '      workingDir: &token |\n        canary\n        canary\n      env: [{ name: TOKEN, value: *token }]\n      image: kept\n',
  'a URL': '      args: ["--webhook-url=http://u:canary@localhost/"]\n      image: kept\n',
  'the second URL':
    '      args: ["http://u:$(PASSWORD)@localhost/ http://u:canary@localhost/"]\n      image: kept\n',
  'a query':
    '      args: ["--webhook-url=http://localhost/?access_token=canary"]\n      image: kept\n',
  'a key in a query': '      args: ["http://localhost/reload?key=canary"]\n      image: kept\n',
  'a header of a probe':
    '      livenessProbe:\n        httpGet:\n          httpHeaders:\n            - name: Authorization\n              value: Bearer canary\n      image: kept\n',
  'a header in a script':
    '      command: [sh, -c, "curl -H \'X-Api-Key: canary\' localhost"]\n      image: kept\n',
  'a user in a script':
    '      command: [sh, -c, "curl -u admin:canary localhost"]\n      image: kept\n',
  'a variable in a script':
    '      command: [sh, -c, "PGPASSWORD=canary psql"]\n      image: kept\n',
  'a word of a connection string':
    '      env: [{ name: DSN, value: "host=db password=canary" }]\n      image: kept\n',
  JSON: '      env: [{ name: A, value: \'{"password":"canary"}\' }]\n      image: kept\n',
};

for (const [place, container] of Object.entries(PLACES))
  test(`P8: no line with ${place} is shown`, () => {
    const shown = shownLines(pod(container)).join('\n');
    assert.doesNotMatch(shown, /canary/);
    assert.match(shown, /image: kept/);
  });

test('P8: nor is a line with a copy of the object', () => {
  const env = '      env: [{ name: TOKEN, value: canary }]\n';
  const copy = '{"env":[{"name":"TOKEN","value":"canary"}]}';
  const name = 'kubectl.kubernetes.io/last-applied-configuration';
  for (const written of [`'${copy}'`, `|\n      ${copy}`, JSON.stringify(copy)]) {
    const metadata = `metadata:\n  annotations:\n    a: kept\n    ${name}: ${written}`;
    const shown = shownLines(pod(env, metadata)).join('\n');
    assert.doesNotMatch(shown, /canary/);
    assert.match(shown, /a: kept/);
    assert.doesNotMatch(shownLines(pod('', metadata)).join('\n'), /canary/, 'of a variable before');
  }
});

test('names, paths and references are shown', () => {
  const text = pod(`      image: a:1
      args: [--password-file=/run/password, --max-token=512, "--db=postgres://a:$(PW)@db/"]
      env:
        - name: DB_PASSWORD
          valueFrom: { secretKeyRef: { name: db-password, key: password } }
  automountServiceAccountToken: false
  volumes:
    - name: token
      secret: { secretName: api-token, items: [{ key: token, path: token }] }
`);
  assert.deepEqual(shownLines(text), text.split('\n'));
});
