import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { load } from 'js-yaml';
import { load as loadSettings } from '../../settings/load.ts';
import type { InjectOptions } from './options.ts';
import { edited, fixture, inject, type Manifest, refusals } from './plan.testing.ts';

test('the sidecar is the one of deploy/, and its settings are valid', async () => {
  const { sidecar, yaml, spec } = inject(fixture('one-container'));
  const path = join(import.meta.dirname, '../../../../deploy/kustomize/sidecar/sidecar.yaml');
  const patch = load(readFileSync(path, 'utf8')) as Manifest;
  const [{ image, ...own }] = patch.spec.template.spec.initContainers;
  const { image: used, args, volumeMounts, ...rest } = sidecar;
  assert.deepEqual(rest, own);
  assert.equal(used, 'lastgood:1.2.3');
  const loaded = await loadSettings('lastgood.yaml', async () => Buffer.from(yaml));
  assert.ok(loaded.ok, JSON.stringify(loaded));
  const [bundle] = loaded.settings.bundles;
  const mounts = new Map(volumeMounts.map((each: Manifest) => [each.mountPath, each.name]));
  const source = spec.volumes.find(
    ({ name }: Manifest) => name === mounts.get(bundle?.volumes[0]?.path),
  );
  assert.deepEqual(source.configMap, { name: 'web-config' });
  assert.equal(mounts.get(bundle?.publish), 'config');
  assert.equal(bundle?.mountedAt, '/etc/web');
});

test('without a way to notify the app, a note says so', () => {
  assert.match(inject(fixture('one-container')).notes.join(), /no target for the volume config/);
  const { notes, bundles } = inject(fixture('one-container'), { webhook: 'http://localhost/r' });
  assert.deepEqual(notes, []);
  assert.deepEqual(bundles[0].targets, [{ webhook: { url: 'http://localhost/r' } }]);
});

test('a reloader is replaced: its target is that of the bundle', () => {
  const { spec, bundles, sidecar } = inject(fixture('inference'));
  assert.deepEqual(
    spec.containers.map(({ name }: Manifest) => name),
    ['inference-server'],
  );
  const { webhook } = bundles[0].targets[0];
  assert.equal(webhook.url, 'http://localhost:8080/api/reload');
  assert.equal(webhook.retries, undefined);
  assert.equal(sidecar.ports[0].containerPort, 9533);
  const shell = inject(fixture('shell-watcher'));
  assert.deepEqual(shell.bundles[0].targets, [
    { webhook: { url: 'http://localhost:8080/-/reload', method: 'POST', body: 'none' } },
  ]);
});

test('a script that lastgood cannot read, and one that signals, are refused', () => {
  const withScript = (script: string) =>
    edited('shell-watcher', (spec) => {
      spec.containers[1].args = [script];
    });
  const wait = 'while inotifywait /etc/edge; do';
  const posts = withScript(
    `${wait} wget --post-data='{"action": "reload"}' \\\n http://localhost/r; done`,
  );
  assert.deepEqual(inject(posts).bundles[0].targets, [
    { webhook: { url: 'http://localhost/r', method: 'POST', body: '{"action": "reload"}' } },
  ]);
  const [unclear] = refusals(withScript(`${wait} /reload; done`));
  assert.match(unclear ?? '', /^m\.yaml:\d+:\d+: .*container watcher: .*LG_INJECT_RELOADER/);
  const hup = withScript(`${wait} pkill -HUP edge; done`);
  assert.match(refusals(hup)[0] ?? '', /--mode signal/);
  const { bundles, spec } = inject(hup, { mode: 'signal' });
  assert.deepEqual(bundles[0].targets, [{ signal: { process: 'edge', signal: 'SIGHUP' } }]);
  assert.equal(spec.shareProcessNamespace, true);
  const twice = withScript(`${wait} pkill -HUP edge; curl http://localhost/r; done`);
  assert.match(refusals(twice)[0] ?? '', /more than one/);
});

test('the target of a script is what its command notifies', () => {
  const targetsOf = (command: string) =>
    inject(
      edited('shell-watcher', (spec) => {
        spec.containers[1].args = [
          `# curl http://localhost/no\nwhile inotifywait /c; do ${command}; done`,
        ];
      }),
      { mode: 'signal' },
    ).bundles[0].targets;
  const signal = (process: string, name = 'SIGHUP') => [{ signal: { process, signal: name } }];
  const webhook = (url: string, method: string) => [{ webhook: { url, method, body: 'none' } }];
  for (const [command, targets] of [
    ['killall -HUP python', signal('python')],
    ['pkill -SIGUSR1 -x app.js', signal('app.js', 'SIGUSR1')],
    ['kill -HUP $(pidof haproxy)', signal('haproxy')],
    ['kill -s HUP "$(pgrep -o nginx)"', signal('nginx')],
    ['nginx -s reload', signal('nginx')],
    ['pkill -HUP -f server.py', [{ signal: { commandLine: 'server.py', signal: 'SIGHUP' } }]],
    ['curl -fsS "http://localhost:8080/r" || true', webhook('http://localhost:8080/r', 'GET')],
    ['curl -X PUT http://localhost/r', webhook('http://localhost/r', 'PUT')],
    ['wget -q -O- --post-data= http://localhost/r', webhook('http://localhost/r', 'POST')],
  ] as const)
    assert.deepEqual(targetsOf(command), targets, command);
});

test('drop-in changes the image of a reloader, and a memory limit that is too low', () => {
  const { spec, settings } = inject(fixture('inference'), { mode: 'drop-in' });
  const [, reloader] = spec.containers;
  assert.equal(reloader.image, 'lastgood:1.2.3');
  assert.deepEqual(reloader.resources.limits, { memory: '64Mi', cpu: '100m' });
  assert.equal(settings, undefined);
  const [needs] = refusals(fixture('one-container'), { mode: 'drop-in' });
  assert.match(needs ?? '', /LG_INJECT_DROP_IN/);
});

test('sdk: the containers that mount the volume have the socket, and others do not', () => {
  const { spec, bundles } = inject(fixture('own-init'), { mode: 'sdk' });
  const env = [{ name: 'LASTGOOD_SOCKET', value: '/lastgood/run/sdk.sock' }];
  assert.deepEqual(spec.containers[0].env, env);
  assert.equal(spec.initContainers.find(({ name }: Manifest) => name === 'migrate').env, undefined);
  assert.deepEqual(bundles[0].targets, [{ subscribers: {} }]);
});

test('signal: lastgood runs as the user of the app, and never as root', () => {
  const withUser = (user: number, where: 'pod' | 'container') =>
    edited('one-container', (spec) => {
      (where === 'pod' ? spec : spec.containers[0]).securityContext = { runAsUser: user };
    });
  const options = { mode: 'signal', signal: 'web' } as const;
  const userOf = (text: string) => inject(text, options).sidecar.securityContext.runAsUser;
  assert.equal(userOf(withUser(1000, 'container')), 1000);
  assert.equal(userOf(withUser(1000, 'pod')), undefined);
  for (const where of ['pod', 'container'] as const)
    assert.match(refusals(withUser(0, where), options)[0] ?? '', /root .*LG_INJECT_SIGNAL/);
  const unnamed = refusals(fixture('one-container'), { mode: 'signal' });
  assert.match(unnamed[0] ?? '', /name of its process/);
});

test('in a pod whose containers run as root, lastgood does not', () => {
  const { sidecar } = inject(fixture('projected'));
  assert.equal(sidecar.securityContext.runAsUser, 65_532);
});

test('the name of an image gives the preset', () => {
  const nginx = edited('one-container', (spec) => {
    spec.containers[0].image = 'docker.io/library/nginx:1.29.3@sha256:00';
  });
  assert.equal(inject(nginx, { mode: 'signal' }).bundles[0].preset, 'nginx');
  const prometheus = nginx.replace(/image: .*/, 'image: quay.io/prometheus/prometheus:v3.1.0');
  const { bundles, notes } = inject(prometheus);
  assert.equal(bundles[0].preset, 'prometheus');
  assert.match(notes.join(), /--web\.enable-lifecycle/);
  assert.equal(inject(nginx).bundles[0].preset, undefined);
});

test('a note on a preset names only what inject has not done, and the manifest does not show', () => {
  const withImage = (image: string, args: readonly string[] = []) =>
    edited('one-container', (spec) => Object.assign(spec.containers[0], { image, args }));
  for (const image of ['nginx:1', 'postgres:17'])
    assert.doesNotMatch(inject(withImage(image), { mode: 'signal' }).notes.join(), /needs/, image);
  assert.doesNotMatch(
    inject(withImage('prom/prometheus', ['--web.enable-lifecycle'])).notes.join(),
    /needs/,
  );
  const { text } = inject(withImage('prom/prometheus'));
  const shown = (preset: string) =>
    inject(text.replace('preset: prometheus', `preset: ${preset}`)).notes.join();
  assert.doesNotMatch(shown('prometheus'), /program of `check`/);
  assert.match(shown('{ name: prometheus, check: [promtool] }'), /program of `check`/);
  assert.match(shown('nginx'), /shareProcessNamespace/);
  const ownTargets = text.replace(
    'preset: prometheus',
    'targets: [{ webhook: { url: "http://localhost/" } }]',
  );
  assert.doesNotMatch(inject(ownTargets).notes.join(), /needs|no target/);
});

test('of the volumes, those with a ConfigMap are configuration, and others if they are named', () => {
  const volumesOf = (options: Partial<InjectOptions>) =>
    inject(fixture('projected'), options).bundles.map(({ name }: Manifest) => name);
  assert.deepEqual(volumesOf({}), ['all']);
  const { bundles, spec } = inject(fixture('inference'), { volume: ['credentials'] });
  assert.deepEqual(bundles[0].volumes, [{ path: '/lastgood/source/credentials', secret: true }]);
  const live = spec.volumes.find(({ name }: Manifest) => name === 'credentials');
  assert.equal(live.emptyDir.medium, 'Memory');
  assert.match(refusals(fixture('projected'), { volume: ['one'] })[0] ?? '', /LG_INJECT_SUB_PATH/);
});

test('a volume that lastgood cannot read is refused, also with an octal mode', () => {
  const withoutGroup = fixture('projected').replace('fsGroup: 2000', '');
  assert.match(refusals(withoutGroup)[0] ?? '', /mode 0440 \[LG_INJECT_MODE\]/);
  for (const mode of ['0555', '0644', '420', '0444'])
    assert.deepEqual(refusals(withoutGroup.replace('0440', mode)), [], mode);
  for (const mode of ['0400', '256', '288'])
    assert.match(refusals(withoutGroup.replace('0440', mode))[0] ?? '', /LG_INJECT_MODE/, mode);
});

test('names that the pod has already are refused', () => {
  const taken = edited('one-container', (spec) => {
    spec.containers.push({ name: 'lastgood', image: 'x' });
    spec.volumes.push({ name: 'config-source', emptyDir: {} });
  });
  assert.equal(refusals(taken).filter((each) => each.includes('LG_INJECT_TAKEN')).length, 2);
});

test('what makes new pods for each change is a note in every mode', () => {
  const notesOf = (text: string, mode: InjectOptions['mode'] = 'publish') =>
    inject(text, { mode, webhook: 'http://localhost/' }).notes.join('\n');
  const annotated = edited('one-container', (_, { spec }) => {
    spec.template.metadata.annotations = { 'checksum/config': 'a' };
  });
  const hashed = edited('one-container', (spec) => {
    spec.volumes[0].configMap.name = 'web-config-2dhtk694gc';
  });
  for (const mode of ['publish', 'drop-in'] as const) {
    assert.match(notesOf(annotated, mode), /a checksum annotation makes new pods .*: remove it$/m);
    assert.match(
      notesOf(hashed, mode),
      /the hash in the name web-config-2dhtk694gc makes new pods/,
    );
    assert.doesNotMatch(notesOf(fixture('one-container'), mode), /new pods/);
  }
});

test('a script that watches the same volume as a drop-in is a note', () => {
  const options = { mode: 'drop-in', webhook: 'http://localhost:8080/-/reload' } as const;
  assert.match(
    inject(fixture('shell-watcher'), options).notes.join(),
    /the container watcher notifies the app too: remove it/,
  );
});

test('a name that would be too long is cut, and stays apart from others', () => {
  const long = 'x'.repeat(62);
  const names = [`${long}a`, `${long}b`];
  const workload = `w${'.x'.repeat(126)}`;
  const { spec, settings } = inject(
    edited('one-container', (pod, object) => {
      object.metadata.name = workload;
      pod.volumes = names.map((name) => ({ name, configMap: { name: 'web' } }));
      pod.containers[0].volumeMounts = names.map((name) => ({ name, mountPath: `/${name}` }));
    }),
  );
  const sources = spec.volumes.map(({ name }: Manifest) => name).slice(-2);
  assert.equal(new Set(sources).size, 2);
  for (const name of sources) assert.match(name, /^x{47}-[0-9a-f]{8}-source$/);
  assert.equal(settings.metadata.name.length, 253);
  assert.match(settings.metadata.name, /x-[0-9a-f]{8}-lastgood$/);
});

test('the ConfigMap of another workload, or of the input, is not written twice', () => {
  const one = fixture('one-container');
  const [twice] = refusals(`${one}---\n${one.replace('kind: Deployment', 'kind: StatefulSet')}`);
  assert.match(twice ?? '', /StatefulSet web already has a ConfigMap named web-lastgood/);
  const other = one.replace('  name: web\n', '  name: web\n  namespace: other\n');
  const map = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web-lastgood, namespace: mine}\n';
  inject(`${other}---\n${map}`);
});

test('a Job with a generated name is a workload, and a resource of another API is not', () => {
  const job = fixture('job').replace('name: once, labels', 'generateName: once-, labels');
  assert.equal(inject(job).settings.metadata.name, 'once-lastgood');
  const knative = fixture('one-container').replace('apps/v1', 'serving.knative.dev/v1');
  assert.match(refusals(knative)[0] ?? '', /LG_INJECT_NOTHING/);
});

test('prometheus-config-reloader is replaced, unless it also replaces variables', () => {
  const withArgs = (...args: string[]) =>
    edited('shell-watcher', (spec) => {
      const { name, volumeMounts } = spec.containers[1];
      const image = 'quay.io/prometheus-operator/prometheus-config-reloader:v0.86.0';
      spec.containers[1] = { name, image, args, volumeMounts };
    });
  const args = ['--config-file=/config/p.yml', '--reload-url=http://localhost:9090/-/reload'];
  const { bundles, spec } = inject(withArgs(...args));
  assert.equal(bundles[0].targets[0].webhook.url, 'http://localhost:9090/-/reload');
  assert.equal(spec.containers.length, 1);
  const expands = withArgs(...args, '--config-envsubst-file=/out/p.yml');
  assert.match(refusals(expands)[0] ?? '', /replaces variables.*LG_INJECT_RELOADER/);
});

test('a port that another container uses stays that of the container', () => {
  const { sidecar, yaml } = inject(fixture('own-init'));
  assert.equal(sidecar.ports[0].containerPort, 9534);
  assert.match(yaml, /^listen: :9534$/m);
});

test('P8: settings that lastgood would refuse are refused, and not shown', () => {
  const [refusal] = refusals(fixture('one-container'), { webhook: 'ftp://u:canary@localhost/' });
  assert.match(refusal ?? '', /LG_INJECT_SETTINGS/);
  assert.doesNotMatch(refusal ?? '', /canary/);
});

test('workloads without configuration stay as they are, unless none has any', () => {
  const plain = fixture('one-container').replace('volumeMounts', 'other');
  const both = inject(`${plain}---\n${fixture('stateful-set')}`);
  assert.ok(both.text.startsWith(plain));
  assert.match(refusals(plain)[0] ?? '', /LG_INJECT_NO_VOLUME/);
  assert.match(refusals('apiVersion: v1\nkind: Service\n')[0] ?? '', /LG_INJECT_NOTHING/);
  const named = refusals(fixture('one-container'), { workload: ['other'] });
  assert.match(named[0] ?? '', /LG_INJECT_NOTHING/);
});

test('a problem is at its line in the text before, also below a workload without one', () => {
  const low = fixture('own-init').replace('memory: 1Gi', 'memory: 530Mi');
  const [refusal] = refusals(`${fixture('one-container')}---\n${low}`);
  const line = (fixture('one-container') + low)
    .split('\n')
    .findIndex((each) => each.includes('530Mi'));
  assert.match(refusal ?? '', new RegExp(`^m\\.yaml:${line + 2}:`));
});

test('settings that change give the pods another annotation', () => {
  const hashOf = (webhook: string) =>
    inject(fixture('one-container'), { webhook }).workload.spec.template.metadata.annotations[
      'lastgood.dev/settings'
    ];
  assert.notEqual(hashOf('http://localhost/a'), hashOf('http://localhost/b'));
});

test('a part that an alias repeats is not changed', () => {
  const text = fixture('anchors');
  assert.match(refusals(text, { mode: 'sdk' })[0] ?? '', /LG_INJECT_TEXT/);
  const shared = `${text.replace('volumes:', 'volumes: &volumes')}status: *volumes\n`;
  assert.match(refusals(shared)[0] ?? '', /LG_INJECT_TEXT/);
});
