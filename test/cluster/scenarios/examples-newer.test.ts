import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { readNode } from './containers.ts';
import {
  EXAMPLES,
  ExampleRun,
  readTable,
  restartApp,
  show,
  startedAfter,
} from './examples/example-run.ts';
import { CSI_KINDS, defineKinds } from './examples/operators.ts';
import { signCertificates } from './examples/signer.ts';
import { seconds } from './figures.ts';
import { Workspace } from './workspace.ts';

const TABLE = readTable('newer');
/** Of another cluster, the feature gates are not known. */
const skip =
  readNode() === undefined ? 'needs the feature gates of the node of these tests' : false;

describe('examples of newer features', { concurrency: true }, () => {
  test('env-from-file: a container starts on the last good variables only', { skip }, async (t) => {
    const run = await ExampleRun.start(t, 'newer/env-from-file');
    const pod = await run.steadyPod('env-from-file');
    const { startedAt, env } = await show(pod);
    assert.deepEqual(env, { LOG_LEVEL: 'info', WORKERS: '4' });
    const editedMs = Date.now();
    await run.edit('configmaps', 'settings', { 'app.env': 'LOG_LEVEL=info\nWORKERS=8\n' });
    const shown = await startedAfter(pod, startedAt);
    assert.deepEqual([shown.env.WORKERS, TABLE['variable by fileKeyRef']], ['8', 'restart']);
    const committed = await pod.outcome('committed', editedMs);

    const badMs = Date.now();
    await run.edit('configmaps', 'settings', { 'app.env': 'LOG_LEVEL=info\nWORKERS=many\n' });
    const { msg } = await pod.outcome('rejected', badMs);
    assert.match(msg, /app\.env:2:9: .*\[LG_VALIDATE_SCHEMA\]/);
    await restartApp(pod);
    assert.equal((await show(pod)).env.WORKERS, '8');
    assert.equal(TABLE['variable by fileKeyRef that fails its checks'], 'never');
    run.report(`env-from-file: edit → commit ${seconds(committed.atMs - editedMs)}`);
  });

  test('resize: a downwardAPI volume follows, and the app with it', { skip }, async (t) => {
    const run = await ExampleRun.start(t, 'newer/resize');
    const pod = await run.steadyPod('resize');
    assert.equal((await show(pod)).files['/config/memory-limit-mib'], '128');
    const containers = [{ name: 'app', resources: { limits: { memory: '160Mi' } } }];
    const patch = ['--patch', JSON.stringify({ spec: { containers } })];
    const resizedMs = Date.now();
    run.workspace.kubectl('patch', 'pod', pod.name, '--subresource', 'resize', ...patch);
    const committed = await pod.outcome('committed', resizedMs);
    assert.equal((await show(pod)).files['/config/memory-limit-mib'], '160');
    assert.equal((await pod.container('app'))?.restartCount, 0);
    assert.equal(TABLE['limit of memory in a downwardAPI volume'], 'live');
    run.report(`resize: patch → commit ${seconds(committed.atMs - resizedMs)}`);
  });

  test('pod-certificate: lastgood publishes what the signer issues', { skip }, async (t) => {
    const run = await ExampleRun.start(t, 'newer/pod-certificate');
    await signCertificates(run.workspace, 'example.com/serving');
    const pod = await run.steadyPod('pod-certificate');
    const { files } = await show(pod);
    assert.deepEqual(Object.keys(files).toSorted(), ['/config/tls.crt', '/config/tls.key']);
    assert.equal((await pod.bundle()).health.state, 'ok');
  });

  test('csi: the API server accepts the manifests', async (t) => {
    const workspace = await Workspace.create(t, 'csi');
    await defineKinds(t, workspace, CSI_KINDS);
    const dir = join(EXAMPLES, 'newer/csi');
    const applied = workspace.kubectl('apply', '--dry-run=server', '-k', dir);
    assert.match(applied, /deployment\.apps\/csi created \(server dry run\)/);
  });
});
