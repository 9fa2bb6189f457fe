import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatFinding } from '@lastgood/core/model/finding.ts';
import { load } from './load.ts';

/** The findings in a text, as a person reads them; the file is called `f`. */
async function findingsIn(text: string | Buffer): Promise<string[]> {
  const loaded = await load('f', async () => Buffer.from(text));
  return loaded.ok ? [] : loaded.findings.map(formatFinding);
}

/** A bundle with its volume; its other keys start on line 5, at column 5. */
const BUNDLE = `bundles:
  - name: model
    volumes:
      - path: /in
`;

function webhook(keys: string): string {
  return `${BUNDLE}    targets:\n      - webhook: { ${keys} }\n`;
}

function expanding(to: string): string {
  return `${BUNDLE}    expand: { file: a.yaml, to: ${to} }\n`;
}

const mistakes: [string, string, string[]][] = [
  // The shape.
  ['an empty file', '# nothing\n', ['f:1:1: has no YAML value [LG_SETTINGS_SYNTAX]']],
  ['no value', '~\n', ['f:1:1: the file must be a mapping (is empty) [LG_SETTINGS_INVALID]']],
  [
    'a list instead of settings',
    '- a\n',
    ['f:1:1: the file must be a mapping (is a list) [LG_SETTINGS_INVALID]'],
  ],
  ['no bundles', 'log: {}\n', ['f:1:1: the file needs "bundles" [LG_SETTINGS_INVALID]']],
  [
    'an empty list of bundles',
    'bundles: []\n',
    ['f:1:10: bundles must have at least one entry [LG_SETTINGS_INVALID]'],
  ],
  [
    'a bundle without its keys',
    'bundles:\n  - publish: /live\n',
    [
      'f:2:5: bundles[0] needs "name" [LG_SETTINGS_INVALID]',
      'f:2:5: bundles[0] needs "volumes" [LG_SETTINGS_INVALID]',
    ],
  ],
  [
    'no volume',
    'bundles:\n  - name: model\n    volumes: []\n',
    ['f:3:14: bundles[0].volumes must have at least one entry [LG_SETTINGS_INVALID]'],
  ],
  [
    'a key without a value',
    `${BUNDLE}    publish:\n`,
    ['f:5:5: bundles[0].publish must be an absolute path without ".." parts (is empty)'],
  ],

  // Texts with a syntax.
  [
    'an invalid regular expression',
    `${BUNDLE}    targets:\n      - socket: { path: /s, send: x, success: "(" }\n`,
    [
      'f:6:47: bundles[0].targets[0].socket.success must be a valid regular expression (is "(") [LG_SETTINGS_INVALID]',
    ],
  ],
  [
    'invalid labels of a metric',
    `${BUNDLE}    confirm: { metric: { url: "http://h/", query: "up{job=node}", equals: 1 } }\n`,
    [
      'f:5:51: bundles[0].confirm.metric.query must be the name of a metric, such as name or name{label="value"} (is "up{job=node}") [LG_SETTINGS_INVALID]',
    ],
  ],

  // Unknown keys.
  [
    'a misspelt key, which is also missing',
    `${BUNDLE}    targets:\n      - webhok: { url: "http://localhost/" }\n`,
    ['f:6:9: unknown key "webhok", did you mean "webhook"? [LG_SETTINGS_UNKNOWN_KEY]'],
  ],
  [
    'a misspelt key at the top',
    `state_dir: /state\n${BUNDLE}`,
    ['f:1:1: unknown key "state_dir", did you mean "stateDir"? [LG_SETTINGS_UNKNOWN_KEY]'],
  ],
  [
    'a key that resembles no other',
    `${BUNDLE}    frobnicate: 1\n`,
    ['f:5:5: unknown key "frobnicate" [LG_SETTINGS_UNKNOWN_KEY]'],
  ],
  [
    'a key of a later version',
    `${BUNDLE}    jitter: 1s\n`,
    ['f:5:5: "jitter" is not supported by this version [LG_SETTINGS_UNSUPPORTED]'],
  ],
  [
    'a socket mode without quotes, which YAML reads as a number',
    `socketMode: 0660\n${BUNDLE}`,
    [
      'f:1:13: socketMode must be a file mode in quotes, such as "0660" (is 660) [LG_SETTINGS_INVALID]',
    ],
  ],
  [
    'two subscribers targets in one bundle',
    `${BUNDLE}    targets:\n      - subscribers: { min: 1 }\n      - subscribers: {}\n`,
    [
      'f:7:9: bundles[0].targets[1] is the second subscribers target, beside targets[0] [LG_SETTINGS_INVALID]',
    ],
  ],
  [
    'subscribers of a bundle that reads no files',
    `${BUNDLE}    reloadOn: swap\n    targets:\n      - subscribers: {}\n`,
    [
      'f:7:9: bundles[0].targets[0] cannot be combined with reloadOn: swap, which reads no files [LG_SETTINGS_INVALID]',
    ],
  ],
  [
    'subscribers of a bundle with secrets that do not say that they may have them',
    'bundles:\n  - name: model\n    volumes: [{ path: /src, secret: true }]\n    targets:\n      - subscribers: {}\n',
    [
      'f:5:22: bundles[0].targets[0].subscribers needs secrets: true, as the bundle has a secret volume: ' +
        'each process that may use the socket can read its values [LG_SETTINGS_INVALID]',
    ],
  ],
  [
    'subscribers beside a webhook in direct mode, which nothing can lead back (P5)',
    `${BUNDLE}    targets:\n      - webhook: { url: "http://a/" }\n      - subscribers: {}\n      - restart: { process: a }\n`,
    [
      'f:7:9: bundles[0].targets[1] needs `publish` beside a target other than restart, ' +
        'to restore the last good version; or set onFailure: hold [LG_SETTINGS_INVALID]',
    ],
  ],
  [
    'a directory of the socket inside a volume, but only if there is a socket',
    `runDir: /in/run\n${BUNDLE}    targets:\n      - subscribers: {}\n`,
    [
      'f:5:15: bundles[0].volumes[0].path must not be around runDir /in/run (is /in) [LG_SETTINGS_INVALID]',
    ],
  ],

  // Values.
  [
    'a wrong duration',
    `${BUNDLE}    settle: 30 s\n`,
    ['f:5:13: bundles[0].settle must be a duration such as 250ms, 30s, 5m or 1h (is "30 s")'],
  ],
  [
    'a duration without unit',
    `${BUNDLE}    settle: 30\n`,
    ['f:5:13: bundles[0].settle must be a duration such as 250ms, 30s, 5m or 1h (is 30)'],
  ],
  [
    'a duration that is too long for a timer',
    `${BUNDLE}    staleAfter: 1000h\n`,
    ['f:5:17: bundles[0].staleAfter must be at most 596h (is "1000h")'],
  ],
  [
    'a timeout of zero',
    webhook('url: "http://localhost/", timeout: 0s'),
    ['f:6:55: bundles[0].targets[0].webhook.timeout must be longer than 0ms (is "0s")'],
  ],
  [
    'a wrong size',
    `${BUNDLE}    maxSize: 4MB\n`,
    ['f:5:14: bundles[0].maxSize must be a size such as 64Ki, 1Mi or 1048576 (is "4MB")'],
  ],
  [
    'a size of zero',
    `${BUNDLE}    maxSize: 0Ki\n`,
    ['f:5:14: bundles[0].maxSize must be at least 1 (is 0)'],
  ],
  [
    'a wrong address',
    `listen: 9533\n${BUNDLE}`,
    ['f:1:9: listen must be "host:port", "[IPv6]:port", ":port" or none (is 9533)'],
  ],
  [
    'a port that does not exist',
    `listen: ":70000"\n${BUNDLE}`,
    ['f:1:9: listen must have a port of at most 65535 (is ":70000")'],
  ],
  [
    'a wrong level',
    `log: { level: loud }\n${BUNDLE}`,
    ['f:1:15: log.level must be one of trace, debug, info, warn, error, fatal, silent (is "loud")'],
  ],
  [
    'a format that does not exist',
    `${BUNDLE}    validate: [{ files: a.toml, format: hocon }]\n`,
    [
      'f:5:41: bundles[0].validate[0].format must be one of auto, yaml, json, jsonc, json5, toml, ini, properties, env, shell, dockerconfigjson, dockercfg, pem, text, binary (is "hocon")',
    ],
  ],
  [
    'text instead of true or false',
    'bundles:\n  - name: a\n    volumes: [{ path: /in, secret: "yes" }]\n',
    ['f:3:36: bundles[0].volumes[0].secret must be true or false (is "yes")'],
  ],
  [
    'a status code that does not exist',
    webhook('url: "http://localhost/", success: [2000]'),
    ['f:6:56: bundles[0].targets[0].webhook.success[0] must be at most 599 (is 2000)'],
  ],
  [
    'no status code that means success',
    webhook('url: "http://localhost/", success: []'),
    ['f:6:55: bundles[0].targets[0].webhook.success must have at least one entry'],
  ],
  [
    'a name that is not a DNS label',
    'bundles:\n  - name: My_Model\n    volumes: [{ path: /in }]\n',
    [
      'f:2:11: bundles[0].name must be at most 63 lower-case letters, digits and "-", not at either end (is "My_Model")',
    ],
  ],
  [
    'a relative volume',
    'bundles:\n  - name: a\n    volumes: [{ path: in }]\n',
    ['f:3:23: bundles[0].volumes[0].path must be an absolute path without ".." parts (is "in")'],
  ],
  [
    'a path outside the snapshot',
    'bundles:\n  - name: a\n    volumes: [{ path: /in, at: a/../../b }]\n',
    [
      'f:3:32: bundles[0].volumes[0].at must be a relative path without parts that start with ".." (is "a/../../b")',
    ],
  ],
  [
    'a URL that is neither http nor https',
    webhook('url: "ftp://localhost/"'),
    [
      'f:6:25: bundles[0].targets[0].webhook.url must be a URL with http:// or https://, or unix:/path/to.sock:/request/path',
    ],
  ],

  // The rules between keys.
  [
    'checks and publish with reloadOn: swap',
    `${BUNDLE}    reloadOn: swap\n    publish: /live\n    validate: [{ files: a }]\n`,
    [
      'f:6:14: bundles[0].publish cannot be combined with reloadOn: swap, which reads no files',
      'f:7:15: bundles[0].validate cannot be combined with reloadOn: swap, which reads no files',
    ],
  ],
  [
    'a target of two kinds, and one of none',
    `${BUNDLE}    targets:\n      - { signal: { process: a }, exec: { command: [b] } }\n      - {}\n`,
    [
      'f:6:41: bundles[0].targets[0].exec cannot be combined with signal; use two targets',
      'f:7:9: bundles[0].targets[1] needs one of "webhook", "signal", "restart", "exec", "socket", "subscribers"',
    ],
  ],
  [
    'a signal without a process, and a confirmation without a probe',
    `${BUNDLE}    targets: [{ signal: { signal: HUP } }]\n    confirm: { within: 1m }\n`,
    [
      'f:5:25: bundles[0].targets[0].signal needs one of "process", "commandLine", "pidFile"',
      'f:6:14: bundles[0].confirm needs one of "http", "metric", "process", "tls", "exec"',
    ],
  ],
  [
    'a signal that does not exist',
    `${BUNDLE}    targets: [{ signal: { process: a, signal: SIGNOPE } }]\n`,
    [
      'f:5:47: bundles[0].targets[0].signal.signal must be a signal such as SIGHUP, or a number from 1 to 64 (is "SIGNOPE")',
    ],
  ],
  [
    'a header that is neither text nor a file',
    webhook('url: "http://a/", headers: { a: 5, b: { fil: /a } }'),
    [
      'f:6:52: bundles[0].targets[0].webhook.headers.a must be the text of a header, on one line',
      'f:6:60: unknown key "fil", did you mean "file"? [LG_SETTINGS_UNKNOWN_KEY]',
    ],
  ],
  [
    'a process that is neither alive nor selected',
    `${BUNDLE}    confirm: { process: dead }\n`,
    ['f:5:25: bundles[0].confirm.process must be alive, or keys that select a process (is "dead")'],
  ],
  [
    'a mistake inside of the keys that select a process',
    `${BUNDLE}    confirm: { process: { process: a, uid: b } }\n`,
    ['f:5:44: bundles[0].confirm.process.uid must be a number (is "b")'],
  ],
  [
    'a header that lastgood sets itself',
    webhook('url: "http://a/", headers: { Host: b }'),
    [
      'f:6:55: bundles[0].targets[0].webhook.headers.Host must not be a header that lastgood sets itself',
    ],
  ],
  [
    'two kinds of credentials, and a certificate without its key',
    webhook(
      'url: "http://a/", auth: { bearerFile: /a, basic: { username: u, passwordFile: /p } }, tls: { certFile: /c }',
    ),
    [
      'f:6:69: bundles[0].targets[0].webhook.auth.basic cannot be combined with bearerFile',
      'f:6:111: bundles[0].targets[0].webhook.tls has certFile and also needs "keyFile"',
    ],
  ],
  [
    'a metric without an expectation, and `alive` without a target',
    `${BUNDLE}    confirm: { metric: { url: "http://a/", query: b }, process: alive }\n`,
    [
      'f:5:24: bundles[0].confirm.metric needs one of "equals", "increased", "newer"',
      'f:5:65: bundles[0].confirm.process needs a signal or restart target, or keys that select a process',
    ],
  ],
  [
    'a check without a kind',
    `${BUNDLE}    validate: [{ format: yaml }]\n`,
    [
      'f:5:16: bundles[0].validate[0] needs one of "files", "keys", "shape", "traps", "exec", "rules"',
    ],
  ],
  [
    'a check of two kinds',
    `${BUNDLE}    validate: [{ files: a, shape: warn, exec: { command: [a] } }]\n`,
    [
      'f:5:35: bundles[0].validate[0].shape cannot be combined with files',
      'f:5:47: bundles[0].validate[0].exec cannot be combined with files',
    ],
  ],
  [
    'a format for keys, without a schema or rules',
    `${BUNDLE}    validate: [{ keys: "*", format: yaml }]\n`,
    [
      'f:5:16: bundles[0].validate[0] needs "schema" or "rules" in addition to keys',
      'f:5:37: bundles[0].validate[0].format cannot be combined with keys',
    ],
  ],
  [
    'two checks of the shape',
    `${BUNDLE}    validate: [{ shape: warn }, { shape: same }]\n`,
    ['f:5:42: bundles[0].validate[1].shape is set twice'],
  ],
  [
    'a rule that is too long',
    `${BUNDLE}    validate: [{ files: a, rules: [{ rule: "${'a'.repeat(4097)}" }] }]\n`,
    ['f:5:44: bundles[0].validate[0].rules[0].rule must be at most 4096 characters long'],
  ],
  [
    'signals that no process can catch, by name and by number',
    `${BUNDLE}    targets:\n      - signal: { process: a, signal: KILL }\n      - signal: { process: a, signal: 19 }\n`,
    [
      'f:6:39: bundles[0].targets[0].signal.signal must be a signal that a process can catch (is SIGKILL); to end the app, use restart',
      'f:7:39: bundles[0].targets[1].signal.signal must be a signal that a process can catch (is 19); to end the app, use restart',
    ],
  ],
  [
    'two bundles with the same name',
    `${BUNDLE}  - name: model\n    volumes: [{ path: /other }]\n`,
    ['f:5:11: bundles[1].name must be unique; bundles[0] is also named "model"'],
  ],
  [
    'publish into a volume',
    `${BUNDLE}    publish: /in/live/\n`,
    ['f:5:14: bundles[0].publish must not be inside the volume /in (is /in/live)'],
  ],
  [
    'publish onto a volume of another bundle',
    `${BUNDLE}  - name: b\n    volumes: [{ path: /other }]\n    publish: /in\n`,
    ['f:7:14: bundles[1].publish must not be the volume /in (is /in)'],
  ],
  [
    'publish around stateDir',
    `${BUNDLE}    publish: /lastgood\n`,
    ['f:5:14: bundles[0].publish must not be around stateDir /lastgood/state (is /lastgood)'],
  ],
  [
    'publish where another bundle does',
    `${BUNDLE}    publish: /live\n  - name: b\n    volumes: [{ path: /b }]\n    publish: /live\n`,
    ['f:8:14: bundles[1].publish must not be publish of the bundle "model", /live (is /live)'],
  ],
  [
    'an expanded file in a volume, which would be captured again',
    expanding('/in/out.yaml'),
    ['f:5:33: bundles[0].expand.to must not be inside the volume /in (is /in/out.yaml)'],
  ],
  [
    'an expanded file in a volume that excludes it, but not its temporary file',
    `${BUNDLE}        exclude: [out.yaml]\n    expand: { file: a.yaml, to: /in/out.yaml }\n`,
    ['f:6:33: bundles[0].expand.to must not be inside the volume /in (is /in/out.yaml)'],
  ],
  [
    'an expanded file at the path of a volume, and around one of another bundle',
    `${expanding('/in')}  - name: b\n    volumes: [{ path: /in/b }]\n`,
    [
      'f:5:33: bundles[0].expand.to must not be the volume /in (is /in)',
      'f:5:33: bundles[0].expand.to must not be around the volume /in/b (is /in)',
    ],
  ],
  [
    'an expanded file in the published directory',
    `${expanding('/live/a.yaml')}    publish: /live\n`,
    [
      'f:5:33: bundles[0].expand.to must not be inside publish of the bundle "model", /live (is /live/a.yaml)',
    ],
  ],
  [
    'an expanded file in stateDir',
    expanding('/lastgood/state/a.yaml'),
    [
      'f:5:33: bundles[0].expand.to must not be inside stateDir /lastgood/state (is /lastgood/state/a.yaml)',
    ],
  ],
  [
    'an expanded file where another bundle writes its own',
    `${expanding('/out')}  - name: b\n    volumes: [{ path: /b }]\n    expand: { file: b, to: /out }\n`,
    ['f:8:28: bundles[1].expand.to must not be expand.to of the bundle "model", /out (is /out)'],
  ],
  [
    'a volume around the default stateDir',
    'bundles:\n  - name: a\n    volumes: [{ path: /lastgood }]\n',
    [
      'f:3:23: bundles[0].volumes[0].path must not be around stateDir /lastgood/state (is /lastgood)',
    ],
  ],
  [
    'a deadline that ends before the probation',
    `${BUNDLE}    confirm: { within: 5s, http: { url: "http://localhost/" } }\n`,
    ['f:5:24: bundles[0].confirm.within must be longer than hold, 5s (is 5s)'],
  ],
  [
    'a default deadline that ends before the probation',
    `${BUNDLE}    confirm: { hold: 1m, http: { url: "http://localhost/" } }\n`,
    ['f:5:14: bundles[0].confirm.within must be longer than hold, 1m (is 30s)'],
  ],
  [
    'a command line of workers that nothing looks for',
    `${BUNDLE}    confirm: { process: { process: a, workerCommandLine: b } }\n`,
    ['f:5:58: bundles[0].confirm.process.workerCommandLine needs newWorkers'],
  ],
  [
    'new workers of which some must be new',
    `${BUNDLE}    confirm: { process: { process: a, newWorkers: some } }\n`,
    ['f:5:51: bundles[0].confirm.process.newWorkers must be true or all (is "some")'],
  ],
  [
    'a status that means success and refusal',
    webhook('url: "http://localhost/", success: [200, 4xx]'),
    ['f:6:61: bundles[0].targets[0].webhook.success[1] is 4xx, but refused has 400'],
  ],
  [
    'a first wait that is longer than the maximum',
    webhook('url: "http://localhost/", retries: { backoff: 1m }'),
    [
      'f:6:66: bundles[0].targets[0].webhook.retries.backoff must not be longer than max, 30s (is 1m)',
    ],
  ],
];

for (const [mistake, text, expected] of mistakes)
  test(`${mistake}: reported at its place`, async () => {
    const withCode = expected.map((line) =>
      line.endsWith(']') ? line : `${line} [LG_SETTINGS_INVALID]`,
    );
    assert.deepEqual(await findingsIn(text), withCode);
  });

test('a bundle of the wrong shape hides no mistake in the others; findings are in the order of lines', async () => {
  const text = `listn: ":1"
bundles:
  - name: Bad
    volumes: [{ path: /in }]
  - name: good
    volumes: [{ path: /in }]
    publish: /in/live
    colour: red
`;
  assert.deepEqual(
    (await findingsIn(text)).map((line) => line.slice(0, line.indexOf(' '))),
    ['f:1:1:', 'f:3:11:', 'f:7:14:', 'f:8:5:'],
  );
});

test('syntax errors, duplicate keys and two documents are LG_SETTINGS_SYNTAX at their line', async () => {
  for (const [text, place] of [
    ['bundles: [\n', /^f:[12]:\d+: /],
    ['log: {}\nlog: {}\n', /^f:2:1: duplicate key/],
    [`${BUNDLE}---\n${BUNDLE}`, /^f:6:1: contains a second document/],
    [Buffer.from('bundles: \xff\n', 'latin1'), /^f:1:10: is not valid UTF-8/],
  ] as const) {
    const [first = '', ...others] = await findingsIn(text);
    assert.match(first, place);
    assert.match(first, / \[LG_SETTINGS_SYNTAX\]$/);
    assert.deepEqual(others, []);
  }
});

test('an expanded file may be in a volume that excludes it', async () => {
  for (const globs of [
    'exclude: [out.d/a.yaml, out.d/a.yaml.tmp]',
    'exclude: ["out.d/*"]',
    'exclude: [out.d]',
    'include: ["*.yaml"]',
  ]) {
    const bundle = `${BUNDLE}        ${globs}\n    expand: { file: a.yaml, to: /in/out.d/a.yaml }\n`;
    assert.deepEqual(await findingsIn(bundle), [], globs);
  }
});

test('P8: a password in a URL is in no finding, wherever the URL was put', async () => {
  const url = 'http://user:hunter2@host:99999/?token=hunter2';
  for (const text of [
    webhook(`url: "${url}"`),
    webhook(`url: "${url.replace('http', 'ftp')}"`),
    webhook(`url: ["${url}"]`),
    webhook(`url: "http://localhost/", method: "${url}"`),
    webhook(`url: "http://localhost/", timeout: "${url}"`),
    webhook(`url: "http://localhost/", "${url}": 1`),
    webhook(`url: "http://localhost/", auth: { password: hunter2 }`),
    webhook(`url: "${url}`),
    webhook(`url: ${url}, url: ${url}`),
    `${BUNDLE}    targets: [{ webhook: "${url}" }]\n`,
    `${BUNDLE}    targets: "${url}"\n`,
    `${BUNDLE}    publish: "/live\n    url: ${url}\n`,
    `${BUNDLE}    ${url}\n`,
    `${BUNDLE}    publish: *${url}\n`,
    `${BUNDLE}    publish: !${url} a\n`,
    url,
    `%${url}\n`,
  ]) {
    const findings = await findingsIn(text);
    assert.ok(findings.length > 0, text);
    assert.doesNotMatch(findings.join('\n'), /hunter2/, text);
  }
});
