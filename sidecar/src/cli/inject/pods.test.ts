import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from 'js-yaml';
import { edited, fixture, inject, type Manifest, refusals } from './plan.testing.ts';

test('a mount by subPath beside one of the whole volume keeps its version, and a note says so', () => {
  const text = edited('one-container', (spec) => {
    const mount = { name: 'config', mountPath: '/etc/a.yaml', subPath: 'a.yaml' };
    spec.containers.push({ name: 'old', image: 'old:1', volumeMounts: [mount] });
  });
  for (const mode of ['publish', 'sdk'] as const)
    assert.match(inject(text, { mode }).notes.join(), /volume config by subPath, which never/);
  assert.doesNotMatch(inject(fixture('one-container')).notes.join(), /subPath/);
});

test('P8: a token in a volume with a ConfigMap makes it a secret, and a note says that it changes', () => {
  for (const source of [
    { serviceAccountToken: { path: 'token' } },
    { podCertificate: { signerName: 'example.com/a' } },
  ]) {
    const text = edited('one-container', (spec) => {
      const sources = [source, { configMap: { name: 'web-config' } }];
      spec.volumes = [{ name: 'config', projected: { sources } }];
    });
    const { bundles, spec, notes } = inject(text);
    assert.equal(bundles[0].volumes[0].secret, true);
    const { emptyDir } = spec.volumes.find(({ name }: Manifest) => name === 'config');
    assert.equal(emptyDir.medium, 'Memory');
    assert.match(notes.join(), /the kubelet renews/);
  }
});

test('a file that lastgood cannot read is refused, whatever the mode of the others', () => {
  const items = (mode: string) => `name: web-config, items: [{ key: a, path: a, mode: ${mode} }]`;
  for (const volume of [
    (mode: string) => `configMap: { ${items(mode)} }`,
    (mode: string) => `projected: { sources: [{ configMap: { ${items(mode)} } }] }`,
  ]) {
    const withMode = (mode: string) =>
      fixture('one-container').replace('configMap: { name: web-config }', volume(mode));
    assert.match(refusals(withMode('0400'))[0] ?? '', /mode 0400 \[LG_INJECT_MODE\]/);
    assert.deepEqual(refusals(withMode('0444')), []);
  }
});

test('where the manifest does not say the user of the app, a note says that a signal needs it', () => {
  const options = { mode: 'signal', signal: 'web' } as const;
  assert.match(inject(fixture('one-container'), options).notes.join(), /which user/);
  const known = edited('one-container', (spec) => {
    spec.securityContext = { runAsUser: 1000 };
  });
  assert.doesNotMatch(inject(known, options).notes.join(), /which user/);
});

test('a pod of the class Guaranteed stays one', () => {
  const withResources = (resources: object) =>
    inject(
      edited('one-container', (spec) => {
        spec.containers[0].resources = resources;
      }),
    ).sidecar.resources;
  const limits = { cpu: 2, memory: '1Gi' };
  const own = { cpu: '100m', memory: '64Mi' };
  for (const requests of [undefined, { cpu: '2000m', memory: '1024Mi' }, { cpu: 2 }])
    assert.deepEqual(withResources({ limits, requests }), { requests: own, limits: own });
  for (const resources of [{}, { limits: { cpu: 2 } }, { limits, requests: { cpu: 1 } }])
    assert.deepEqual(withResources(resources).requests, { cpu: '50m', memory: '32Mi' });
});

test('a request with options that lastgood would drop is refused', () => {
  const withCommand = (command: string) =>
    edited('shell-watcher', (spec) => {
      spec.containers[1].args = [`while inotifywait /c; do ${command}; done`];
    });
  for (const command of [
    `curl -H 'Authorization: Bearer canary' http://localhost/r`,
    `curl -sSH "X-Token: canary" -XPOST http://localhost/r`,
    'curl --user a:canary http://localhost/r',
    'curl -k https://localhost/r',
    'curl --unix-socket /run/a.sock http://localhost/r',
    'curl -d @/etc/canary http://localhost/r',
    'curl --data-binary @- http://localhost/r',
    `wget --header='A: canary' http://localhost/r`,
    'wget --post-file=/etc/canary http://localhost/r',
  ]) {
    const [refusal] = refusals(withCommand(command));
    assert.match(refusal ?? '', /options .*LG_INJECT_RELOADER/, command);
    assert.doesNotMatch(refusal ?? '', /canary/);
  }
  for (const command of [
    'curl -fsS -XPOST -o /dev/null -m 5 http://localhost/r',
    'wget -qO- -T 5 http://localhost/r',
  ])
    assert.deepEqual(refusals(withCommand(command)), [], command);
});

test('a request without a body stays one, and a note says what sends the event', () => {
  const { bundles, notes } = inject(fixture('inference'));
  assert.equal(bundles[0].targets[0].webhook.body, 'none');
  assert.match(notes.join(), /requests have no body, .*container config-reloader: .*--webhook/);
  const own = inject(fixture('inference'), { webhook: 'http://localhost:8080/api/reload' });
  assert.equal(own.bundles[0].targets[0].webhook.body, undefined);
  assert.deepEqual(own.notes, []);
});

test('a container that starts the app and watches its files stays', () => {
  const wait = 'while inotifywait -e create /etc/edge; do';
  for (const script of [
    `nginx & ${wait} curl http://localhost/reload; done`,
    `nginx; ${wait} nginx -s reload; done`,
    `/usr/sbin/nginx\n${wait} nginx -s reload; done`,
    `(${wait} pkill -HUP edge; done) & exec edge`,
    `(${wait} pkill -HUP edge; done) 2>&1 & edge`,
  ]) {
    const text = edited('shell-watcher', (spec) => {
      spec.containers[1].args = [script];
    });
    const { spec } = inject(text, { mode: 'signal', signal: 'edge' });
    assert.deepEqual(
      spec.containers.map(({ name }: Manifest) => name),
      ['edge', 'watcher'],
      script,
    );
  }
});

test('the only container of a pod is not removed, whatever it does', () => {
  const text = edited('shell-watcher', (spec) => {
    spec.containers = spec.containers.slice(1);
  });
  for (const written of [text, JSON.stringify(load(text))])
    assert.match(refusals(written)[0] ?? '', /no other container \[LG_INJECT_RELOADER\]/);
});

test('drop-in without another reloader takes a free port, and has the same notes', () => {
  const text = edited('one-container', (spec) => {
    spec.hostNetwork = true;
    spec.containers[0].ports = [{ containerPort: 9533 }];
  });
  const options = { mode: 'drop-in', webhook: 'http://localhost:8080/r' } as const;
  const { sidecar, notes } = inject(text, options);
  assert.equal(sidecar.ports[0].containerPort, 9534);
  assert.equal(sidecar.args.at(-1), '--web.listen-address=:9534');
  assert.deepEqual(sidecar.startupProbe.exec.command, ['lastgood-ready', '127.0.0.1:9534']);
  assert.match(notes.join(), /port 9534 of the node/);
});

test('a note says that the pod waits for an optional volume that is empty', () => {
  const withSources = (...optional: boolean[]) =>
    edited('one-container', (spec) => {
      const sources = optional.map((each) => ({ configMap: { name: 'web', optional: each } }));
      spec.volumes = [{ name: 'config', projected: { sources } }];
    });
  assert.match(inject(withSources(true, true)).notes.join(), /config is optional, .*waits/);
  for (const text of [withSources(true, false), fixture('one-container')])
    assert.doesNotMatch(inject(text).notes.join(), /optional/);
});

test('a pod for Windows is refused, in every mode', () => {
  for (const place of [
    { os: { name: 'windows' } },
    { nodeSelector: { 'kubernetes.io/os': 'windows' } },
  ])
    for (const mode of ['publish', 'sdk', 'drop-in'] as const) {
      const text = edited('one-container', (spec) => Object.assign(spec, place));
      const webhook = mode === 'drop-in' ? 'http://localhost/r' : undefined;
      assert.match(refusals(text, { mode, webhook })[0] ?? '', /Windows.*LG_INJECT_WINDOWS/);
    }
  const linux = edited('one-container', (spec) => Object.assign(spec, { os: { name: 'linux' } }));
  assert.deepEqual(refusals(linux), []);
});

test('a port of a probe is that of the app', () => {
  for (const probe of [
    { livenessProbe: { httpGet: { port: 9533 } } },
    { startupProbe: { tcpSocket: { port: 9533 } } },
    { readinessProbe: { grpc: { port: 9533 } } },
  ]) {
    const text = edited('one-container', (spec) => Object.assign(spec.containers[0], probe));
    assert.equal(inject(text).sidecar.ports[0].containerPort, 9534);
  }
});

test('a claim of a StatefulSet with a name of lastgood is refused: it would replace the volume', () => {
  const text = edited('stateful-set', (_, { spec }) => {
    spec.volumeClaimTemplates = [{ metadata: { name: 'lastgood-settings' } }];
  });
  assert.match(refusals(text)[0] ?? '', /volume named lastgood-settings.*LG_INJECT_TAKEN/);
});
