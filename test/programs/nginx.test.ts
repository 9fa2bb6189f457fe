import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changed, saidBy, skip } from './programs.ts';

/** nginx makes these directories even when it only tests; here, inside the copy. */
const GOOD = `pid nginx.pid;
events {}
http {
  access_log off;
  client_body_temp_path tmp;
  proxy_temp_path tmp;
  fastcgi_temp_path tmp;
  uwsgi_temp_path tmp;
  scgi_temp_path tmp;
  server {
    listen 127.0.0.1:18080;
    include locations.conf;
  }
}
`;
const LOCATIONS = 'location / {\n  return 200 ok;\n}\n';

function saidOf(nginx: string, locations = LOCATIONS): Promise<readonly string[]> {
  const args = ['-t', '-p', '{dir}', '-c', '{dir}/nginx.conf'];
  return saidBy('nginx', args, { 'nginx.conf': nginx, 'locations.conf': locations });
}

test('nginx accepts a good configuration', { skip }, async () => {
  assert.deepEqual(await saidOf(GOOD), []);
});

const BROKEN = [
  [
    'a bracket that is not closed',
    [GOOD.trimEnd().slice(0, -1)],
    'nginx.conf:14: nginx says: unexpected end of file, expecting "}" in nginx.conf:14',
  ],
  [
    'a directive that is misspelt',
    [changed(GOOD, 'access_log', 'acces_log')],
    'nginx.conf:4: nginx says: unknown directive "acces_log" in nginx.conf:4',
  ],
  [
    'a directive that is misspelt, in an included file',
    [GOOD, changed(LOCATIONS, 'return', 'retrun')],
    'locations.conf:2: nginx says: unknown directive "retrun" in locations.conf:2',
  ],
  [
    'a port that there is not',
    [changed(GOOD, '18080', '180800')],
    'nginx.conf:11: nginx says: invalid port in "127.0.0.1:180800" of the "listen" directive in nginx.conf:11',
  ],
  [
    'a file that is not in the snapshot',
    [changed(GOOD, 'locations.conf', 'location.conf')],
    'nginx.conf:12: nginx says: open() "location.conf" failed (2: No such file or directory) in nginx.conf:12',
  ],
  [
    'a certificate without its key, and names no line',
    [
      changed(
        GOOD,
        'listen 127.0.0.1:18080;',
        'listen 127.0.0.1:18080 ssl; ssl_certificate a.pem;',
      ),
    ],
    'nginx says: no "ssl_certificate_key" is defined for certificate "a.pem"',
  ],
] as const;

for (const [what, [nginx, locations], expected] of BROKEN)
  test(`nginx rejects ${what}`, { skip }, async () => {
    assert.deepEqual(await saidOf(nginx, locations), [expected]);
  });
