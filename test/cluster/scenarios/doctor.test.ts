import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { eventually } from '../api.ts';
import { kubectl } from '../kubectl.ts';
import { programEnvironment } from '../programs/programs.ts';
import { describeMemory, readNode } from './containers.ts';
import { seconds } from './figures.ts';
import { makePod, type PodOptions } from './manifests.ts';
import { type Manifest, Workspace } from './workspace.ts';

const APP = `
process.on('SIGHUP', () => {});
process.on('SIGTERM', () => process.exit(0));
setInterval(() => {}, 1e6);
`;

/** What is different from the healthy pod. */
interface Fault {
  readonly options?: Partial<PodOptions>;
  readonly watched?: readonly object[];
  readonly target?: object;
  readonly stateDir?: string;
  edit?(spec: Manifest, sidecar: Manifest): void;
}

interface Case extends Fault {
  /** What doctor prints, and its exit code. */
  readonly says: RegExp;
  readonly code: number;
}

/** More would also be a test of the container runtime, whose own processes take memory of the container. */
const TOGETHER = 3;

/** The user whose inotify instances a test takes. */
const WATCHED_OUT = 47_110;

const CASES: Readonly<Record<string, Case>> = {
  healthy: { says: /^this container has what .* needs: 1 bundle, no findings$/m, code: 0 },
  'sub-path': {
    options: {
      volumes: {
        '/lastgood/pinned/key': { name: 'pinned', subPath: 'key', configMap: { name: 'source' } },
      },
    },
    watched: [{ path: '/lastgood/source' }, { path: '/lastgood/pinned', at: 'pinned' }],
    says: /warning: .*LG_SOURCE_NEVER_CHANGES/,
    code: 0,
  },
  mode: {
    options: { source: { configMap: { name: 'source', defaultMode: 0o400 } } },
    says: /key.*EACCES.*LG_CAPTURE/,
    code: 1,
  },
  inotify: {
    options: { sidecarUser: WATCHED_OUT },
    target: { webhook: { url: 'http://localhost:8080/' } },
    says: /warning: watching \/lastgood\/source failed: EMFILE.*LG_SOURCE_WATCH/,
    code: 0,
  },
  namespace: {
    edit: (spec) => delete spec.shareProcessNamespace,
    says: /only the processes of this container are \[LG_DELIVER_NO_SHARED_NAMESPACE\]/,
    code: 1,
  },
  user: {
    options: { sidecarUser: 2000 },
    says: /warning: .*user 2000 may not signal.*LG_DELIVER_NOT_PERMITTED/,
    code: 0,
  },
  socket: {
    target: { socket: { path: '/run/app/reload.sock', send: 'reload' } },
    says: /\/run\/app is not a directory here \[LG_DELIVER_ABSENT\]/,
    code: 1,
  },
  limits: {
    edit: (_, { resources }) => {
      Object.assign(resources.limits, { memory: '63Mi', cpu: '90m' });
      Object.assign(resources.requests, { memory: '32Mi', cpu: '10m' });
    },
    says: /warning: .*memory limit of 63Mi[\s\S]*warning: .*CPU limit of 90m/,
    code: 0,
  },
};

for (const [name, each] of Object.entries(CASES))
  test(`doctor in a pod: ${name}`, { skip: skipReason(name) }, async (t) => {
    if (name === 'inotify') t.after(await takeInotifyInstances(WATCHED_OUT));
    const workspace = await Workspace.create(t, `doctor-${name}`);
    const createdMs = Date.now();
    workspace.apply(makeObjects(name, each));
    const pod = workspace.pod(name);
    await eventually(
      `${name} to run`,
      async () => (await pod.container('lastgood'))?.state.running,
    );
    if (each.code === 0) await pod.ready();
    const readyMs = Date.now();
    const { status, stdout, stderr } = await runDoctor(workspace, name);
    assert.match(stdout, each.says, `${status} ${stdout} ${stderr}`);
    assert.equal(status, each.code, stdout);
    t.diagnostic(
      `ready after ${seconds(readyMs - createdMs)}; doctor ${seconds(Date.now() - readyMs)}`,
    );
  });

test('doctor in place of the sidecar, where that ends at once: a read-only state', async (t) => {
  const workspace = await Workspace.create(t, 'doctor-state');
  const edit = (spec: Manifest, sidecar: Manifest) => {
    spec.restartPolicy = 'Never';
    sidecar.args = ['doctor'];
    for (const key of ['restartPolicy', 'startupProbe', 'livenessProbe']) delete sidecar[key];
  };
  workspace.apply(makeObjects('state', { stateDir: '/state', edit }));
  const pod = workspace.pod('state');
  const { exitCode } = await eventually('the end of doctor', async () => {
    return (await pod.container('lastgood'))?.state.terminated;
  });
  const said = await pod.logText('lastgood');
  assert.match(said, /the state in \/state cannot be written or read: EACCES.*LG_COMMIT_STATE/);
  assert.equal(exitCode, 1, said);
});

test('P9: commands that start together beside a sidecar with 64Mi do not end it', async (t) => {
  const workspace = await Workspace.create(t, 'doctor-together');
  workspace.apply(makeObjects('together', {}));
  const pod = workspace.pod('together');
  await pod.steady();
  await runDoctor(workspace, 'together');
  const ends = await Promise.all(Array.from({ length: TOGETHER }, () => startDoctor(workspace)));
  const refused = ends.filter(({ code }) => code === 2);
  // Even all of them, if they start at the very same time: what each has taken so far is then not left.
  for (const { said } of refused) assert.match(said, /LG_USAGE_(?:BUSY|MEMORY)/);
  await runDoctor(workspace, 'together');
  assert.equal((await pod.container('lastgood'))?.restartCount, 0);
  t.diagnostic(`${refused.length} of ${TOGETHER} refused; ${await describeMemory(pod)}`);
});

function skipReason(name: string): string | false {
  const isFar = name === 'inotify' && readNode() === undefined;
  return isFar ? 'the node of this cluster is out of reach' : false;
}

function makeObjects(name: string, each: Fault): readonly Manifest[] {
  const { options, target, stateDir, edit } = each;
  const signal = { signal: { commandLine: 'app.mjs', signal: 'SIGHUP' } };
  const settings = {
    stateDir: stateDir ?? '/lastgood/state',
    bundles: [
      {
        name: 'model',
        volumes: each.watched ?? [{ path: '/lastgood/source' }],
        publish: '/lastgood/live',
        mountedAt: '/config',
        targets: [target ?? signal],
      },
    ],
  };
  const source = { configMap: { name: 'source' } };
  const mountedAt = '/config';
  const objects = makePod({ name, settings, source, mountedAt, program: APP, ...options });
  const pod = objects.find(({ kind }) => kind === 'Pod');
  const [sidecar] = pod?.spec.initContainers ?? [];
  if (pod === undefined) throw new Error('there is no pod');
  pod.spec.shareProcessNamespace = true;
  edit?.(pod.spec, sidecar);
  const metadata = { name: 'source' };
  return [{ apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { key: 'v1' } }, ...objects];
}

/** `kubectl exec` of doctor, beside others. */
async function startDoctor(workspace: Workspace) {
  const args = [
    'exec',
    '-n',
    workspace.name,
    'together',
    '-c',
    'lastgood',
    '--',
    'lastgood',
    'doctor',
  ];
  const { PATH } = programEnvironment();
  const child = spawn('kubectl', args, { env: { ...process.env, PATH } });
  const said = Promise.all([text(child.stdout), text(child.stderr)]);
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, said: (await said).join('') };
}

/** Again while the sidecar, which has just started, leaves no memory for a command. */
function runDoctor(workspace: Workspace, pod: string) {
  const { KUBECONFIG = '' } = process.env;
  const args = ['exec', '-n', workspace.name, pod, '-c', 'lastgood', '--', 'lastgood', 'doctor'];
  return eventually('room for a command', async () => {
    const ended = kubectl(KUBECONFIG, args);
    return ended.status === 2 ? undefined : ended;
  });
}

/** Takes every inotify instance that a user may have on this node; resolves with what gives them back. */
async function takeInotifyInstances(uid: number): Promise<() => void> {
  const number = process.arch === 'arm64' ? 26 : 294;
  const script = `1 while syscall(${number}, 0) >= 0; $| = 1; print "taken"; sleep`;
  const holder: ChildProcess = spawn('perl', ['-e', script], {
    uid,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(holder.stdout as NodeJS.ReadableStream, 'data');
  return () => holder.kill('SIGKILL');
}
