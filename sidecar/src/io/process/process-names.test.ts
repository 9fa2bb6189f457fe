import assert from 'node:assert/strict';
import { test } from 'node:test';
import { namesOf } from './process-names.ts';

const NAMES: readonly [commandLine: readonly string[], names: readonly string[]][] = [
  // Executables.
  [['/usr/sbin/haproxy', '-W', '-f', '/etc/haproxy.cfg'], ['haproxy']],
  [['a-name-of-twenty-letter', 'x'], ['a-name-of-twenty-letter']],
  [['-bash'], ['bash']],
  [['/opt/my app/server', '--port', '1'], ['server']],

  // Interpreters and their scripts.
  [
    ['/usr/bin/python3', '/usr/local/bin/gunicorn', 'app:app'],
    ['gunicorn', 'python3'],
  ],
  [
    ['python3.12', '-u', '-W', 'ignore', '-X', 'dev', 'app.py'],
    ['app.py', 'python3.12'],
  ],
  [
    ['python', '-um', 'uvicorn', 'app:app'],
    ['uvicorn', 'python'],
  ],
  [['python3', '-c', 'import time', 'x.py'], ['python3']],
  [
    ['node', '--enable-source-maps', '-r', 'dotenv/config', '/srv/server.js'],
    ['server.js', 'node'],
  ],
  [['node', '-e', 'setInterval(() => {}, 1)', 'x.js'], ['node']],
  [
    ['node', '--', '--odd.js'],
    ['--odd.js', 'node'],
  ],
  [
    ['ruby', '-rjson', '-I', 'lib', '/usr/bin/puma'],
    ['puma', 'ruby'],
  ],
  [['perl', '-w', '-e', 'sleep'], ['perl']],
  [
    ['php', '-d', 'x=1', 'artisan', 'work'],
    ['artisan', 'php'],
  ],
  [['/bin/sh', '-c', 'nginx -g "daemon off;"'], ['sh']],
  [
    ['bash', '-euo', 'pipefail', '/run.sh'],
    ['run.sh', 'bash'],
  ],
  [['bash', '-ec', 'sleep 1'], ['bash']],
  [
    ['java', '-Xmx1g', '-cp', '/lib/*', '-jar', '/srv/app.jar'],
    ['app.jar', 'java'],
  ],
  [
    ['java', '-cp', '/lib/*', 'com.example.Main'],
    ['com.example.Main', 'java'],
  ],
  [['python3'], ['python3']],

  // Titles that the program has written over its arguments.
  [['nginx: master process /usr/sbin/nginx -g daemon off;'], ['nginx']],
  [['nginx: worker process'], ['nginx']],
  [['postgres: checkpointer '], ['postgres']],
  [['/usr/lib/postgresql/15/bin/postgres', '-D', '/data'], ['postgres']],
  [['gunicorn: master [app]'], ['gunicorn']],
  [['php-fpm: master process (/etc/php-fpm.conf)'], ['php-fpm']],
  [['/usr/bin/redis-server *:6379'], ['redis-server']],
];

test('a process is named by its executable, its script or its title', () => {
  for (const [argv, names] of NAMES) assert.deepEqual(namesOf(argv), names, argv.join(' '));
});

test('the executable is another name, even after it was replaced on disk', () => {
  assert.deepEqual(namesOf(['worker', 'x'], '/usr/bin/app (deleted)'), ['worker', 'app']);
  assert.deepEqual(namesOf(['app', 'x'], '/usr/bin/app'), ['app']);
});

test('what a hostile process calls itself takes no time to look at', () => {
  // As long as Linux lets an argument be.
  const long = 'c'.repeat(128 * 1024 - 8);
  const before = process.cpuUsage();
  for (const program of ['sh', 'node', 'python3', 'perl', 'java'])
    assert.ok(namesOf([program, `-${long}!`, 'script']).includes(program));
  // Seconds with an expression that looks at all of it from each place.
  assert.ok(process.cpuUsage(before).user < 1_000_000);
});
