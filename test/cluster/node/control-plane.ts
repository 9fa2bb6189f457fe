import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../free-port.ts';
import type { Network } from './network.ts';

/** How the API server is reached. */
export interface ControlPlane {
  readonly kubeconfig: string;
  readonly commands: readonly (readonly string[])[];
  /** To start when the API server is ready: the controllers wait 10 s for it, and then end. */
  readonly controllers: readonly (readonly string[])[];
}

/** What the examples show and Kubernetes 1.34 has not on by default. */
export const FEATURE_GATES = { EnvFiles: true, ImageVolume: true, PodCertificateRequest: true };

/** Pods reach the API server through it. */
const FORWARD = join(import.meta.dirname, 'forward-main.ts');

/** The example, so that it is known to work. */
const AUDIT_POLICY = join(import.meta.dirname, '../../../examples/kubernetes/audit/policy.yaml');

/** Writes what etcd, the API server, the controllers and the scheduler need, and returns their commands. */
export async function prepareControlPlane(dir: string, network: Network): Promise<ControlPlane> {
  const [etcd, peer, api] = [await freePort(), await freePort(), await freePort()];
  const pki = join(dir, 'pki');
  mkdirSync(pki);
  const token = crypto.randomUUID();
  const tokens = join(pki, 'tokens.csv');
  writeFileSync(tokens, `${token},admin,admin,"system:masters"\n`, { mode: 0o600 });
  const key = join(pki, 'service-accounts.key');
  execFileSync('openssl', ['genrsa', '-out', key, '2048'], { stdio: 'pipe' });
  const kubeconfig = join(dir, 'kubeconfig');
  writeFileSync(kubeconfig, kubeconfigOf(api, token), { mode: 0o600 });
  const certificate = join(pki, 'apiserver.crt');
  return {
    kubeconfig,
    commands: [
      etcdCommand(join(dir, 'etcd'), etcd, peer),
      [
        'kube-apiserver',
        `--etcd-servers=http://127.0.0.1:${etcd}`,
        '--bind-address=127.0.0.1',
        `--secure-port=${api}`,
        `--cert-dir=${pki}`,
        `--token-auth-file=${tokens}`,
        // The admin may do everything; a pod, what a role allows.
        '--authorization-mode=RBAC',
        '--anonymous-auth=false',
        `--service-account-key-file=${key}`,
        `--service-account-signing-key-file=${key}`,
        '--service-account-issuer=https://kubernetes.default.svc',
        `--service-cluster-ip-range=${network.services}`,
        '--endpoint-reconciler-type=none',
        // The node's name is `localhost`, so `kubectl logs` finds the kubelet with no entry in /etc/hosts.
        '--kubelet-preferred-address-types=Hostname',
        '--watch-cache=true',
        `--feature-gates=${Object.keys(FEATURE_GATES).map((name) => `${name}=true`)}`,
        '--runtime-config=certificates.k8s.io/v1alpha1=true',
        `--audit-policy-file=${AUDIT_POLICY}`,
        `--audit-log-path=${join(dir, 'log/audit.log')}`,
      ],
      [process.execPath, FORWARD, network.api, String(api)],
    ],
    controllers: [
      [
        'kube-controller-manager',
        `--kubeconfig=${kubeconfig}`,
        '--leader-elect=false',
        '--secure-port=0',
        `--service-account-private-key-file=${key}`,
        `--root-ca-file=${certificate}`,
      ],
      ['kube-scheduler', `--kubeconfig=${kubeconfig}`, '--leader-elect=false', '--secure-port=0'],
    ],
  };
}

function etcdCommand(dir: string, port: number, peerPort: number): readonly string[] {
  const client = `http://127.0.0.1:${port}`;
  const peer = `http://127.0.0.1:${peerPort}`;
  return [
    'etcd',
    `--data-dir=${dir}`,
    '--unsafe-no-fsync',
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=default=${peer}`,
  ];
}

/** The connection does not leave this machine. */
function kubeconfigOf(port: number, token: string): string {
  return `apiVersion: v1
kind: Config
clusters:
  - name: lastgood
    cluster: { server: "https://127.0.0.1:${port}", insecure-skip-tls-verify: true }
users:
  - name: admin
    user: { token: ${token} }
contexts:
  - name: lastgood
    context: { cluster: lastgood, user: admin }
current-context: lastgood
`;
}
