import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../free-port.ts';
import { NETWORK_PLUGINS } from '../programs/programs.ts';
import { FEATURE_GATES } from './control-plane.ts';
import type { Network } from './network.ts';

/** The image that holds the namespaces of a pod. */
export const PAUSE_IMAGE = 'localhost/lastgood-pause:1';

/** How long until the kubelet brings an edit to a volume, instead of a minute or more. */
const SYNC_FREQUENCY = '10s';

export interface NodeFiles {
  readonly containerdSocket: string;
  /** What containers share layers by. */
  readonly snapshotter: Snapshotter;
  readonly containerd: readonly string[];
  /** To start when containerd answers: it ends otherwise. */
  readonly kubelet: readonly string[];
}

export interface NodeOptions {
  readonly dir: string;
  readonly name: string;
  readonly kubeconfig: string;
  readonly network: Network;
}

/** Writes the settings of containerd and the kubelet, and returns their commands. */
export async function prepareNode(options: NodeOptions): Promise<NodeFiles> {
  const { dir, name, kubeconfig } = options;
  const containerdSocket = join(dir, 'containerd.sock');
  const network = join(dir, 'network');
  mkdirSync(network);
  writeFileSync(join(network, 'pods.conflist'), networkOf(dir, options.network));
  const settings = join(dir, 'containerd.toml');
  const snapshotter = chooseSnapshotter(dir);
  writeFileSync(
    settings,
    containerdSettings({ dir, socket: containerdSocket, network, snapshotter }),
  );
  const kubelet = join(dir, 'kubelet.yaml');
  writeFileSync(kubelet, kubeletSettings(dir, name, containerdSocket, await freePort()));
  writeFileSync(join(dir, 'resolv.conf'), '');
  return {
    containerdSocket,
    snapshotter,
    containerd: ['containerd', '--config', settings],
    kubelet: [
      'kubelet',
      `--config=${kubelet}`,
      `--kubeconfig=${kubeconfig}`,
      `--root-dir=${join(dir, 'kubelet')}`,
      `--cert-dir=${join(dir, 'pki')}`,
      '--hostname-override=localhost',
    ],
  };
}

/** A pair of interfaces for each pod, one of them on the bridge. The kernel removes both with the pod. */
function networkOf(dir: string, { bridge, pods }: Network): string {
  const ipam = { type: 'host-local', subnet: pods, dataDir: join(dir, 'addresses') };
  const routes = [{ dst: '0.0.0.0/0' }];
  const plugins = [{ type: 'bridge', bridge, ipam: { ...ipam, routes } }];
  return JSON.stringify({ cniVersion: '0.4.0', name: 'lastgood', plugins });
}

type Snapshotter = 'overlayfs' | 'native';

/** Overlay does not work everywhere: not on that of a container. Native copies all files for each container. */
function chooseSnapshotter(dir: string): Snapshotter {
  const [lower, upper, work] = ['lower', 'upper', 'work'].map((name) => join(dir, 'overlay', name));
  for (const each of [lower, upper, work]) mkdirSync(each ?? '', { recursive: true });
  const options = `lowerdir=${lower},upperdir=${upper},workdir=${work}`;
  const mount = ['mount', '-t', 'overlay', 'overlay', '-o', options, lower ?? ''];
  return spawnSync('unshare', ['--mount', ...mount]).status === 0 ? 'overlayfs' : 'native';
}

interface ContainerdOptions {
  readonly dir: string;
  readonly socket: string;
  readonly network: string;
  readonly snapshotter: Snapshotter;
}

function containerdSettings({ dir, socket, network, snapshotter }: ContainerdOptions): string {
  return `version = 2
root = "${join(dir, 'containerd')}"
state = "/run/containerd"
disabled_plugins = ["io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.zfs"]
[grpc]
  address = "${socket}"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${PAUSE_IMAGE}"
  # A machine in a container may not lower the score of a process.
  restrict_oom_score_adj = true
  disable_apparmor = true
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "${snapshotter}"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
        SystemdCgroup = false
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "${NETWORK_PLUGINS}"
    conf_dir = "${network}"
`;
}

function kubeletSettings(dir: string, name: string, socket: string, port: number): string {
  return `apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
address: 127.0.0.1
port: ${port}
healthzPort: 0
authentication: { anonymous: { enabled: true }, webhook: { enabled: false } }
authorization: { mode: AlwaysAllow }
containerRuntimeEndpoint: unix://${socket}
cgroupDriver: cgroupfs
cgroupRoot: /${name}
failSwapOn: false
failCgroupV1: false
makeIPTablesUtilChains: false
enforceNodeAllocatable: []
evictionHard: { memory.available: 10Mi, nodefs.available: 1%, imagefs.available: 1% }
imageGCHighThresholdPercent: 100
resolvConf: ${join(dir, 'resolv.conf')}
podLogsDir: ${join(dir, 'pods')}
syncFrequency: ${SYNC_FREQUENCY}
featureGates: ${JSON.stringify(FEATURE_GATES)}
`;
}
