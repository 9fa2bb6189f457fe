import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { COLD_IMAGE, ColdDisk } from './cold-disk.ts';
import { readNode, readStartMs } from './containers.ts';
import { mebibytes, seconds } from './figures.ts';
import { DEPLOYED, makePod, settingsOf } from './manifests.ts';
import type { LogLine } from './pod.ts';
import { type Manifest, Workspace } from './workspace.ts';

/** What most disks read ahead. */
const USUAL_KIB = 128;
/** What tuned profiles of some distributions set, and the double. */
const FAR_KIB = [4096, 8192];

/** Node and its libraries are larger, and each start needs so much of them. */
const COLD_BYTES = 16 * 2 ** 20;

const node = readNode();
const skip = node === undefined ? 'the node of this cluster is out of reach' : false;

const APP = "setInterval(() => {}, 1e6); process.on('SIGTERM', () => process.exit(0));";

/** Node alone, in place of lastgood. */
const BARE = `
process.on('SIGTERM', () => process.exit(0));
require('node:http').createServer((_, response) => response.end('ok')).listen(9533, () => console.log('{"msg":"ready"}'));
`;

interface Start {
  readonly memory: string;
  readonly isBare?: boolean;
  readonly isWarm?: boolean;
}

test('the first start on a node: ready within 64Mi and 100m, however far its disk reads ahead', {
  skip,
}, async (t) => {
  const workspace = await Workspace.create(t, 'cold');
  const data = { key: 'v1' };
  workspace.apply([{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'config' }, data }]);
  const disk = await createDisk(t);
  const start = (options: Start) => measureStart(t, workspace, disk, options);
  const memory = DEPLOYED.limits.memory;
  const compare = async (what: string, isWarm: boolean) => {
    const bareMs = await start({ memory, isBare: true, isWarm });
    const tookMs = await start({ memory, isWarm });
    t.diagnostic(`${what}: ${(tookMs / bareMs).toFixed(1)} times bare Node`);
  };
  if (disk !== undefined) {
    disk.readAheadKib = USUAL_KIB;
    await compare('cold', false);
  }
  await compare('warm', true);
  if (disk === undefined) return;
  for (const aheadKib of FAR_KIB) {
    disk.readAheadKib = aheadKib;
    await compare(`cold, where the disk reads ${aheadKib} KiB ahead`, false);
    await start({ memory: '96Mi' });
  }
});

/** Undefined where this machine cannot have one; the diagnostic says why. */
async function createDisk(t: TestContext): Promise<ColdDisk | undefined> {
  assert.ok(node);
  try {
    return await ColdDisk.create(t, node);
  } catch (error) {
    t.diagnostic(`no cold start is measured, since this machine gives no disk: ${error}`);
    return undefined;
  }
}

/** Starts a pod, makes it take a change, and removes it. Resolves with the time from the process to ready. */
async function measureStart(
  t: TestContext,
  workspace: Workspace,
  disk: ColdDisk | undefined,
  options: Start,
): Promise<number> {
  assert.ok(node);
  const name = `start-${crypto.randomUUID().slice(0, 5)}`;
  const pod = workspace.pod(name);
  workspace.apply(makeStarting(name, disk !== undefined, options));
  const { uid } = (await pod.read()).metadata;
  await disk?.holdPod(uid);
  await (options.isWarm ? disk?.load() : disk?.evict());
  const readBefore = disk?.readBytes ?? 0;
  await workspace.api.patch(pod.path, { spec: { schedulingGates: null } });
  const end = options.isBare ? 'ready' : 'committed';
  const isEnd = ({ msg, outcome }: LogLine) => (outcome ?? msg) === end;
  const { atMs } = await pod.line(`${name} to start`, 0, isEnd);
  const tookMs = atMs - (await readStartMs(node, pod));
  const readBytes = (disk?.readBytes ?? 0) - readBefore;
  t.diagnostic(`${describe(options, disk)}: ${seconds(tookMs)}, ${mebibytes(readBytes)} read`);
  if (disk !== undefined && !options.isWarm) assert.ok(readBytes > COLD_BYTES, 'it was cold');
  await pod.ready();
  if (!options.isBare) {
    const editedMs = await workspace.edit('config', { key: crypto.randomUUID() });
    await pod.refresh();
    await pod.outcome('committed', editedMs);
  }
  const container = await pod.container('lastgood');
  assert.deepEqual([container?.restartCount, container?.lastState], [0, {}]);
  workspace.kubectl('delete', 'pod', name, '--grace-period=2');
  await disk?.releasePod(uid);
  return tookMs;
}

function describe({ isBare, isWarm, memory }: Start, disk: ColdDisk | undefined): string {
  const ahead = disk === undefined ? '' : `, ${disk.readAheadKib} KiB read ahead`;
  return `${isBare ? 'bare Node' : 'lastgood'}, ${isWarm ? 'warm' : 'cold'}, ${memory}${ahead}`;
}

/** It is scheduled when its gate is removed. */
function makeStarting(name: string, hasDisk: boolean, { memory, isBare }: Start) {
  const objects = makePod({
    name,
    settings: settingsOf({}),
    source: { configMap: { name: 'config' } },
    mountedAt: '/config',
    program: APP,
  });
  const { spec } = objects.at(-1) as Manifest;
  spec.schedulingGates = [{ name: 'lastgood.dev/disk' }];
  const [sidecar] = spec.initContainers;
  sidecar.resources = { ...DEPLOYED, limits: { ...DEPLOYED.limits, memory } };
  if (hasDisk) sidecar.image = COLD_IMAGE;
  if (isBare) {
    Object.assign(sidecar, { command: ['node', '--eval', BARE], args: [] });
    sidecar.startupProbe = {
      httpGet: { path: '/', port: 'lastgood' },
      periodSeconds: 1,
      failureThreshold: 120,
    };
  }
  return objects;
}
