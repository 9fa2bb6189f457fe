import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { eventually } from '../api.ts';
import { ExampleRun, readTable, restartApp, show } from './examples/example-run.ts';
import { observe } from './examples/observe.ts';
import { defineKinds, SECRET_KINDS } from './examples/operators.ts';
import { Queries } from './examples/queries.ts';
import { createSecrets } from './examples/secrets.ts';
import { seconds } from './figures.ts';
import type { Pod } from './pod.ts';

describe('examples of Secrets', { concurrency: true }, () => {
  test('secrets: all types rotate live at mode 0400, and half of a key pair does not', async (t) => {
    const run = await ExampleRun.start(t, 'secrets');
    createSecrets(t, run, 'the-first-of-the-tokens');
    const pod = await run.steadyPod('secrets');
    const files = Object.values((await show(pod)).files);
    assert.ok(
      files.every((file) => file.startsWith('mode 0440, ')),
      files.join('; '),
    );
    const firstCertificate = await run.readSecret('serving-tls', 'tls.crt');
    await observe(run, 'secrets', {
      pod,
      rows: {
        Opaque: ({ files }) => files['/secrets/api/token'],
        'kubernetes.io/tls, both keys': ({ files }) => files['/secrets/tls/tls.crt'],
        'kubernetes.io/ssh-auth': ({ files }) => files['/secrets/ssh/ssh-privatekey'],
        'kubernetes.io/dockerconfigjson': ({ files }) =>
          files['/secrets/registry/.dockerconfigjson'],
      },
      edit: async () => createSecrets(t, run, 'the-second-of-the-tokens'),
      again: {
        row: 'Opaque',
        edit: () => run.edit('secrets', 'api', { token: 'the-third-of-the-tokens' }),
      },
      rejected: {
        row: 'kubernetes.io/tls, one key of two',
        bundle: 'tls',
        edit: () => run.edit('secrets', 'serving-tls', { 'tls.crt': firstCertificate }),
        reason: /\[LG_VALIDATE_CERTIFICATE\]/,
      },
      restart: restartApp,
    });
    await assertSealed(pod, 'of-the-tokens');
  });

  test('operators: what an operator brings is checked as any Secret', async (t) => {
    const run = await ExampleRun.start(t, 'operators', (workspace) =>
      defineKinds(t, workspace, SECRET_KINDS),
    );
    const bring = (name: string, stringData: Readonly<Record<string, string>>) =>
      run.apply([{ apiVersion: 'v1', kind: 'Secret', metadata: { name }, stringData }]);
    bring('database', { username: 'shop_a', password: 'the-first-password' });
    bring('api-keys', { 'model-hub': 'the-first-key-of-the-hub' });
    bring('registry-token', { token: 'the-first-token-of-it' });
    const pod = await run.steadyPod('operators');
    await observe(run, 'operators', {
      pod,
      rows: {
        'value in AWS Secrets Manager': ({ files }) => files['/config/database/password'],
        'value in Vault': ({ files }) => files['/config/api/model-hub'],
        SealedSecret: ({ files }) => files['/config/registry/token'],
      },
      edit: async () => {
        bring('database', { username: 'shop_b', password: 'the-second-password' });
        bring('api-keys', { 'model-hub': 'the-second-key-of-the-hub' });
        bring('registry-token', { token: 'the-second-token-of-it' });
      },
      again: {
        row: 'value in Vault',
        edit: async () => bring('api-keys', { 'model-hub': 'the-third-key-of-the-hub' }),
      },
      rejected: {
        row: 'value that is empty or a placeholder',
        bundle: 'credentials',
        edit: async () => bring('database', { username: 'shop_b', password: '<no value>' }),
        reason: /database\/password.*\[LG_VALIDATE_/,
      },
      restart: restartApp,
    });
    await assertSealed(pod, 'the-');
  });

  test('vault-agent: what the agent renders is one version, without the kubelet', async (t) => {
    const run = await ExampleRun.start(t, 'vault-agent/stand-in');
    const pod = await run.steadyPod('vault-agent');
    const renew = async (secrets: object) => {
      const body = JSON.stringify(secrets);
      // The agent listens a moment after its container is ready.
      await eventually('the agent', async () => {
        const response = await fetch(`${pod.url(8200)}/renew`, { method: 'POST', body });
        return response.ok || undefined;
      });
    };
    const second = { username: 'v-shop-2', password: 'the-second-password' };
    await observe(run, 'vault-agent', {
      pod,
      rows: {
        'secret in Vault': ({ files }) => [files['/config/database'], files['/config/api-key']],
      },
      edit: () => renew(second),
      again: {
        row: 'secret in Vault',
        edit: () => renew({ ...second, key: 'the-second-of-the-keys' }),
      },
      rejected: {
        row: 'template that renders nothing useful',
        bundle: 'credentials',
        edit: () => renew({ ...second, key: '' }),
        reason: /api-key.*\[LG_VALIDATE_/,
      },
      restart: restartApp,
    });
    const outcomes = (await pod.log()).flatMap(({ outcome }) => outcome ?? []);
    assert.deepEqual(outcomes, ['committed', 'committed', 'committed', 'rejected']);
    await assertSealed(pod, 'the-second');
  });

  test('rotation: no query fails while the password changes and the old one ends', async (t) => {
    const run = await ExampleRun.start(t, 'rotation');
    const pod = await run.steadyPod('rotation');
    const uid = (await pod.read()).metadata.uid;
    const queries = new Queries(`${pod.url(8080)}/query`);
    t.after(() => queries.stop());
    await allow(pod, ['the-first-password', 'the-second-password']);
    const editedMs = Date.now();
    await run.edit('secrets', 'database', { password: 'the-second-password' });
    const committed = await pod.outcome('committed', editedMs);
    await allow(pod, ['the-second-password']);

    const wrongMs = Date.now();
    await run.edit('secrets', 'database', { password: 'a-password-that-is-wrong' });
    const rejected = await pod.outcome('rejected', wrongMs);
    assert.match(rejected.msg, /LG_PREPARE_REFUSED/);
    await queries.stop();
    assert.deepEqual(queries.failures, []);
    assert.equal((await pod.read()).metadata.uid, uid);
    for (const name of ['app', 'lastgood'])
      assert.equal((await pod.container(name))?.restartCount, 0);
    assert.deepEqual(readTable('rotation'), {
      'password that the database knows': 'live',
      'password that the database does not know': 'never',
    });
    await assertSealed(pod, 'password-that');
    run.report(
      `rotation: Secret → commit ${seconds(committed.atMs - editedMs)}, ${queries.answered} queries, 0 failed`,
    );
  });
});

/** What the administrator of the database does: sets the passwords that work. */
async function allow(pod: Pod, passwords: readonly string[]): Promise<void> {
  const body = JSON.stringify(passwords);
  await eventually('the database', async () => {
    const response = await fetch(`${pod.url(5432)}/passwords`, { method: 'PUT', body });
    return response.ok || undefined;
  });
}

/** No log of the pod shows a part of a value. */
async function assertSealed(pod: Pod, part: string): Promise<void> {
  for (const container of ['lastgood', 'app'])
    assert.ok(!(await pod.logText(container)).includes(part), container);
}
