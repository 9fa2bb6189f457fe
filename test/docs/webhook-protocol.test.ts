import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { signatureOf } from '../../sidecar/src/io/http/credentials.ts';

const PAGE = readFileSync(new URL('../../docs/webhook-protocol.md', import.meta.url), 'utf8');
const KEY = 'an-example-key';
const SECONDS = 1_790_000_000;
const BODIES = ['{"event":"reload","bundle":"model"}', ''] as const;

function block(language: string): string {
  const code = new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, 's').exec(PAGE)?.[1];
  assert.ok(code, `no ${language} in docs/webhook-protocol.md`);
  return code;
}

/** Signatures as sent, each with a body and whether it belongs to it, now. */
function cases() {
  return BODIES.flatMap((body) => {
    const header = signatureOf(KEY, body, SECONDS * 1000 + 999);
    const forged = header.replace(/.$/, (digit) => (digit === '0' ? '1' : '0'));
    return [
      { header, body, now: SECONDS + 60, is: true },
      { header: `${header},v2=later`, body, now: SECONDS + 60, is: true },
      { header, body: `${body} `, now: SECONDS + 60, is: false },
      { header, body, now: SECONDS + 301, is: false },
      { header: forged, body, now: SECONDS, is: false },
      { header: 't=soon,v1=00', body, now: SECONDS, is: false },
      { header: '', body, now: SECONDS, is: false },
    ];
  });
}

test('the vectors of the signature are what lastgood sends', () => {
  const table = [...PAGE.matchAll(/^\| .* \| `([0-9a-f]{64})` \|$/gm)].map(([, hex]) => hex);
  const sent = BODIES.map((body) => signatureOf(KEY, body, SECONDS * 1000));
  assert.deepEqual(
    sent,
    table.map((hex) => `t=${SECONDS},v1=${hex}`),
  );
});

test('the example for Node knows a signature from what is none', async () => {
  const source = `data:text/javascript,${encodeURIComponent(block('js'))}`;
  const { isSigned } = await import(source);
  for (const { header, body, now, is } of cases())
    assert.equal(isSigned(header, Buffer.from(body), KEY, now), is, `${header} ${body}`);
});

const hasPython = spawnSync('python3', ['-c', 'pass']).status === 0;

test('so does the one for Python', { skip: hasPython ? false : 'no python3 here' }, () => {
  const asked = cases();
  const rows = JSON.stringify(asked.map(({ header, body, now }) => [header, body, now]));
  const ask = `import json, sys
print(json.dumps([is_signed(h, b.encode(), b"${KEY}", n) for h, b, n in json.load(sys.stdin)]))`;
  const { stdout, stderr } = spawnSync('python3', ['-c', `${block('python')}\n${ask}`], {
    input: rows,
    encoding: 'utf8',
  });
  assert.equal(stderr, '');
  assert.deepEqual(
    JSON.parse(stdout),
    asked.map(({ is }) => is),
  );
});
