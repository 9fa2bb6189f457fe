import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatFinding } from '@lastgood/core/model/finding.ts';
import { fc } from '../../../../test/property.ts';
import { fileOf } from '../../steps/validate/snapshot.testing.ts';
import { lintSecrets } from './secret-lint.ts';

const PEM = '-----BEGIN PRIVATE KEY-----\nMC4CAQ==\n-----END PRIVATE KEY-----\n';

function said(path: string, content: string | Buffer, secret = true): readonly string[] {
  return lintSecrets(fileOf(path, content, secret), 'error').map((finding) =>
    formatFinding(finding).replace(' [LG_VALIDATE_SECRET]', ''),
  );
}

/** Of the file `password` of a secret volume. */
const CAUGHT: readonly (readonly [reason: string, content: string | Buffer, ...said: string[]])[] =
  [
    ['echo without -n', 'hunter22\n', '1: ends in a line break; write it with printf or echo -n'],
    ['two of them', 'hunter22\n\n', '1: ends in a line break; write it with printf or echo -n'],
    ['Notepad', 'hunter22\r\n', '1: ends in a Windows line end; write it with printf or echo -n'],
    ['half of it', 'hunter22\r', '1: ends in a Windows line end; write it with printf or echo -n'],
    [
      'a blank at the end',
      'hunter22 ',
      '1: ends in white space, which is part of the value; remove it',
    ],
    [
      'a tab before',
      '\thunter22',
      '1:1: begins with white space, which is part of the value; remove it',
    ],
    [
      'a line before',
      '\nhunter22',
      '1:1: begins with white space, which is part of the value; remove it',
    ],
    [
      'quotes',
      '"hunter22"',
      '1:1: is in quotes, which are part of the value; write it without them',
    ],
    [
      'single quotes',
      "'hunter22'",
      '1:1: is in quotes, which are part of the value; write it without them',
    ],
    ['nothing', '', '1:1: is empty'],
    ['blanks', ' \n', '1:1: has only white space'],
    [
      'a byte order mark',
      '\uFEFFhunter22',
      '1:1: starts with a byte order mark, which is part of the value; save it as UTF-8 without BOM',
    ],
    [
      'PowerShell',
      Buffer.from('\uFEFFhunter22\r\n', 'utf16le'),
      '1:1: is UTF-16, as PowerShell writes it; save it as UTF-8',
    ],
    [
      'UTF-16 of the other order',
      Buffer.from('\uFEFFhunter22', 'utf16le').swap16(),
      '1:1: is UTF-16, as PowerShell writes it; save it as UTF-8',
    ],
    [
      'base64 of base64',
      Buffer.from('P@ssw0rd!Complex').toString('base64'),
      '1:1: is encoded in base64 twice; encode it once for data, and not at all for stringData',
    ],
    [
      'base64 on several lines, as the command writes it',
      `${Buffer.from('a secret sentence '.repeat(10)).toString('base64').replaceAll(/.{76}/g, '$&\n')}\n`,
      '1:1: is encoded in base64 twice; encode it once for data, and not at all for stringData',
      '4: ends in a line break; write it with printf or echo -n',
    ],
    ['a placeholder', 'CHANGE_ME', '1:1: is a placeholder; replace it with the real value'],
    ['a template', '{{ .Values.pw }}', '1:1: has a template that was not rendered'],
    [
      'several at once',
      '"CHANGE_ME"\n',
      '1:1: is in quotes, which are part of the value; write it without them',
      '1:1: is a placeholder; replace it with the real value',
      '1: ends in a line break; write it with printf or echo -n',
    ],
    [
      'a key from Windows',
      PEM.replaceAll('\n', '\r\n'),
      '1: has Windows line ends; save it with Unix line ends',
    ],
  ];

for (const [reason, content, ...expected] of CAUGHT)
  test(`caught: ${reason}`, () =>
    assert.deepEqual(
      said('password', content).toSorted(),
      expected.map((line) => `password:${line}`).toSorted(),
    ));

const JSON_LINE = '{"auths": {"registry": {"password": "changeme"}}}\n';

/** Files of secret volumes that are as they should be. */
const NOT_CAUGHT: readonly (readonly [reason: string, path: string, content: string | Buffer])[] = [
  ['a password', 'password', 'P@ssw0rd!Complex#2024'],
  ['a user', 'username', 'ml_user'],
  ['words with blanks between', 'passphrase', 'correct horse battery staple'],
  ['a quote at one end only', 'password', '"hunter22'],
  ['a lone quote', 'password', '"'],
  ['a binary key', 'key.bin', Buffer.from([0xff, 0xfe, 0x80, 0x00, 0x0a])],
  ['a binary key that is valid UTF-8', 'key', Buffer.from([0x01, 0x02, 0x7f, 0x0a])],
  [
    'a key of 32 bytes with the mark of UTF-16',
    'key',
    Buffer.from(`fffe${'a1b2'.repeat(15)}`, 'hex'),
  ],
  ['PEM ends in a line break', 'ssh-privatekey', PEM],
  ['JSON by its name', 'credentials.json', JSON_LINE],
  ['JSON by its content', '.dockerconfigjson', JSON_LINE],
  ['JSON by its content, without a dot', 'dockerconfigjson', JSON_LINE],
  ['YAML', 'values.yaml', 'password: changeme\n'],
  ['an .env file', 'db-creds.env', 'DB_PASSWORD=abc\n'],
  ['an assignment', 'environment', 'export DB_PASSWORD=abc\n'],
  ['a dotfile', '.pgpass', 'db:5432:app:me:pw\n'],
  ['several lines', 'credentials', '[default]\naws_access_key_id = AKIAXYZ\n'],
  ['a user of htpasswd', 'auth', 'foo:$apr1$OFG3Xybp$ckL0FHDAkoXYIlH9.cysT0\n'],
  ['a public SSH key', 'ssh-publickey', 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5 me@host\n'],
  ['a known host', 'known_hosts', 'github.com ssh-ed25519 AAAAC3NzaC1lZDI1NTE5\n'],
  ['a blank ca.crt of cert-manager', 'ca.crt', ''],
  ['a random token', 'token', 'c29tZSByYW5kb20gYnl0ZXM'],
];

for (const [reason, path, content] of NOT_CAUGHT)
  test(`not caught: ${reason}`, () => assert.deepEqual(said(path, content), []));

test('the values of a ConfigMap of one file per key give nothing, nor does an empty one', () => {
  const values = [
    ...[
      '32',
      '512',
      'true',
      'bert-base-uncased',
      '1.0.0',
      '2e-5',
      'redis:6379',
      'INFO',
      'cuda:0',
      '',
    ],
    ...[
      'http://mlflow-server:5000',
      's3://ml-models/registry',
      '/models/checkpoints',
      '0 */6 * * *',
    ],
    ...['[0.9, 0.999]', 'text-classification', 'postgres-prod.svc.cluster.local', 'OPENAI_API_KEY'],
  ];
  for (const value of values) assert.deepEqual(said('KEY', value, false), [], value);
});

test('of a setting, the place of its end is reported to the column', () => {
  assert.deepEqual(said('MODEL', 'bert-base\n', false), [
    'MODEL:1:10: ends in a line break; write it with printf or echo -n',
  ]);
});

test('password.txt is one value in a secret, and in no secret a text', () => {
  assert.equal(said('password.txt', 'hunter22\n').length, 1);
  assert.equal(said('notes.txt', 'hello\n', false).length, 0);
});

test('findings have the severity of the settings, and those of PEM are warnings', () => {
  const severities = ['warning', 'error'] as const;
  for (const severity of severities) {
    assert.equal(lintSecrets(fileOf('a', 'x\n', true), severity)[0]?.severity, severity);
    const key = fileOf('a', PEM.replaceAll('\n', '\r\n'), true);
    assert.equal(lintSecrets(key, severity)[0]?.severity, 'warning');
  }
});

/** What makes a value look like every trap there is. */
const around = fc.constantFrom(
  '',
  '\n',
  '\r\n',
  ' ',
  '"',
  "'",
  '\uFEFF',
  '{{',
  '}}',
  '<',
  '>',
  '...',
);

test('P8: no finding tells anything of the value, nor its length', () => {
  const value = fc.oneof(
    fc.string({ minLength: 4, maxLength: 40 }),
    fc
      .string({ minLength: 8, unit: 'grapheme-ascii' })
      .map((text) => Buffer.from(text).toString('base64')),
    fc.constantFrom('CHANGE_ME', 'your-api-key-here', 'postgres://u:changeme@h/d', 'sk-...'),
  );
  // Every message is one of those above, word for word, so none can hold a value.
  const messages = new Set(CAUGHT.flatMap(([, ...[, ...lines]]) => lines.map(withoutPlace)));
  let findingCount = 0;
  fc.assert(
    fc.property(around, value, around, (before, inner, after) => {
      const findings = lintSecrets(fileOf('f', before + inner + after, true), 'error');
      findingCount += findings.length;
      for (const { message, location } of findings) {
        assert.ok(messages.has(message), message);
        assert.ok(location?.column === undefined || location.column === 1);
      }
    }),
    { numRuns: 2000 },
  );
  assert.ok(findingCount > 500, String(findingCount));
});

function withoutPlace(line: string): string {
  return line.replace(/^[\d:]+ /, '');
}
