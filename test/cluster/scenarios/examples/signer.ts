/** Signs what pods with a `podCertificate` volume ask for. */
import { createPublicKey } from 'node:crypto';
import { issue } from '../../../../sidecar/src/checks/certificates/certificate.testing.ts';
import { eventually } from '../../api.ts';
import type { Manifest, Workspace } from '../workspace.ts';

const HOUR_MS = 3_600_000;

/** Resolves once it has issued the first certificate that the namespace requests of the signer. */
export async function signCertificates(workspace: Workspace, signerName: string): Promise<void> {
  const { api, name } = workspace;
  const path = `/apis/certificates.k8s.io/v1alpha1/namespaces/${name}/podcertificaterequests`;
  const request = await eventually(`a request to ${signerName}`, async () => {
    const { items } = await api.get<{ items: readonly Manifest[] }>(path);
    return items.find(({ spec }) => spec.signerName === signerName);
  });
  const status = await issueFor(request.spec);
  await api.patch(`${path}/${request.metadata.name}/status`, { status });
}

async function issueFor({ pkixPublicKey, podName }: Manifest): Promise<object> {
  const authority = await issue({ name: 'authority of the example', ca: true });
  const der = Buffer.from(pkixPublicKey, 'base64');
  const publicKey = createPublicKey({ key: der, format: 'der', type: 'spki' });
  // A certificate has whole seconds.
  const nowMs = Math.floor(Date.now() / 1000) * 1000;
  const [notBefore, beginRefreshAt, notAfter] = [0, 6, 12].map((hours) =>
    timeOf(nowMs + hours * HOUR_MS),
  );
  const { certificate } = await issue({
    name: podName,
    by: authority,
    // Only the public key is known, and only it is needed.
    keys: { publicKey, privateKey: authority.keys.privateKey },
    from: notBefore ?? '',
    to: notAfter ?? '',
  });
  const lastTransitionTime = notBefore;
  const issued = {
    type: 'Issued',
    status: 'True',
    reason: 'Issued',
    message: '',
    lastTransitionTime,
  };
  const certificateChain = certificate + authority.certificate;
  return { certificateChain, notBefore, beginRefreshAt, notAfter, conditions: [issued] };
}

/** As the API server writes times. */
function timeOf(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}
