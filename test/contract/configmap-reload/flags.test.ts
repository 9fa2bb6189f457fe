import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RELOADER_FLAGS } from '../../../sidecar/src/compat/configmap-reload/flags.ts';
import { both, contract, differs, ended } from './case.ts';
import { SUBJECTS } from './subjects.ts';

const DIR = '--volume-dir=/tmp';
const URL_FLAG = '--webhook-url=http://127.0.0.1:1/';

/** Flags, exit code, and the line that says why. */
const endings: [readonly string[], number, RegExp][] = [
  [[URL_FLAG], 1, /Missing volume-dir$/m],
  [[DIR, '--webhook-retries=2'], 1, /Missing webhook-url$/m],
  [[DIR, '--', URL_FLAG], 1, /Missing webhook-url$/m],
  [[DIR, 'word', URL_FLAG], 1, /Missing webhook-url$/m],
  [[DIR, '-x'], 2, /^flag provided but not defined: -x$/m],
  [[DIR, '--x=1'], 2, /^flag provided but not defined: -x$/m],
  [['--volume-dir'], 2, /^flag needs an argument: -volume-dir$/m],
  [[DIR, '---x'], 2, /^bad flag syntax: ---x$/m],
  [[DIR, '--webhook-retries=x'], 2, /^invalid value "x" for flag -webhook-retries: parse error$/m],
  [
    [DIR, '-webhook-status-code', '1.5'],
    2,
    /^invalid value "1\.5" for flag -webhook-status-code: parse error$/m,
  ],
  [
    [DIR, '--webhook-retries=99999999999999999999'],
    2,
    /^invalid value "99999999999999999999" for flag -webhook-retries: value out of range$/m,
  ],
  [
    [DIR, '--webhook-url=http://[::1'],
    2,
    /^invalid value "[^"]*" for flag -webhook-url: invalid URL: .+$/m,
  ],
  [[DIR, '--help'], 0, /^Usage of /],
  [['-h', DIR], 0, /^Usage of /],
];

for (const subject of SUBJECTS) {
  for (const [flags, code, line] of endings)
    test(`${subject.name} ${flags.join(' ')} ends with ${code}`, () => {
      const { status, stdout, stderr } = ended(subject, ...flags);
      assert.deepEqual([status, stdout], [code, '']);
      assert.match(stderr, line);
      for (const name of Object.keys(RELOADER_FLAGS))
        assert.ok(stderr.includes(`\n  -${name} `), name);
    });

  test(`${subject.name} ends with 1 for a volume that does not exist`, () => {
    const { status, stderr } = ended(
      subject,
      '--volume-dir=/nope',
      URL_FLAG,
      '--web.listen-address=127.0.0.1:0',
    );
    assert.equal(status, 1);
    assert.match(stderr, /no such file or directory$/m);
    assert.match(stderr, /"\/nope"/);
  });
}

const refused: [string, RegExp][] = [
  ['--webhook-method=HEAD', /^invalid value "HEAD" for flag -webhook-method: must be one of POST,/],
  ['--webhook-method=A B', /^invalid value "A B" for flag -webhook-method: must be one of POST,/],
  ['--webhook-status-code=0', /^invalid value "0" for flag -webhook-status-code: must be from 100/],
  [
    '--webhook-url=app',
    /^invalid value "\(not shown\)" for flag -webhook-url: invalid URL: it must/,
  ],
  [
    '--web.telemetry-path=m',
    /^invalid value "m" for flag -web\.telemetry-path: must be a path such/,
  ],
  ['--web.telemetry-path=/', /^invalid value "\/" for flag -web\.telemetry-path: must be a path/],
  [
    '--web.listen-address=x',
    /^lastgood: --web\.listen-address: listen must be "host:port", .* \(is "x"\)/,
  ],
];

contract('flags', () => {
  both('an address that is taken ends it with 1', async (rig) => {
    const { host } = await rig.hook();
    await rig.write('first');
    const address = `--web.listen-address=${host}`;
    const { status } = ended(rig.subject, `--volume-dir=${rig.path('config')}`, URL_FLAG, address);
    assert.equal(status, 1);
  });

  for (const [flag, line] of refused)
    differs('wrong values', `${flag} is refused at the start`, async (rig) => {
      const { status, stderr } = ended(rig.subject, DIR, URL_FLAG, flag);
      assert.equal(status, 2);
      assert.match(stderr, line);
    });

  differs(
    'client_request_create',
    'a method that no request can have ends it at the start',
    async (rig) => {
      assert.equal(ended(rig.subject, DIR, URL_FLAG, '--webhook-method=A B').status, 2);
    },
    async (rig) => {
      await rig.start(['http://127.0.0.1:1'], '--webhook-method=A B');
      await rig.write('second');
      const labels = 'reason="client_request_create",webhook="http://127.0.0.1:1"';
      await rig.metric('request_errors_total', labels, 1);
    },
  );

  differs('credentials', 'no URL that cannot be parsed is shown', async (rig) => {
    const url = '--webhook-url=http://user:canary@[::1';
    const { status, stderr } = ended(rig.subject, DIR, url);
    assert.equal(status, 2);
    assert.doesNotMatch(stderr, /canary/);
  });

  differs('the usage', 'it names what lastgood adds, and the bare name', async (rig) => {
    const { stderr } = ended(rig.subject, URL_FLAG);
    assert.match(stderr, /^Missing volume-dir\n\nUsage of configmap-reload:\n/);
    for (const flag of ['schema', 'shape', 'publish', 'hmac-key-file'])
      assert.match(stderr, new RegExp(`^  -${flag} `, 'm'));
  });
});
