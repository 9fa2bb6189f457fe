/** The objects of operators that are not there: their kinds, and the Secrets that they would write. */
import { eventually } from '../../api.ts';
import type { Manifest, Workspace } from '../workspace.ts';

const KINDS: readonly (readonly [group: string, version: string, kind: string])[] = [
  ['external-secrets.io', 'v1', 'SecretStore'],
  ['external-secrets.io', 'v1', 'ExternalSecret'],
  ['bitnami.com', 'v1alpha1', 'SealedSecret'],
  ['secrets-store.csi.x-k8s.io', 'v1', 'SecretProviderClass'],
];

/** Defines the kinds for the whole cluster, with schemas that take everything, unless it has them. */
export async function defineKinds(workspace: Workspace): Promise<void> {
  const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
  for (const [group, version, kind] of KINDS) {
    const singular = kind.toLowerCase();
    const plural = singular.endsWith('s') ? `${singular}es` : `${singular}s`;
    const name = `${plural}.${group}`;
    const schema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
    const versions = [
      { name: version, served: true, storage: true, schema: { openAPIV3Schema: schema } },
    ];
    const names = { kind, listKind: `${kind}List`, plural, singular };
    const spec = { group, scope: 'Namespaced', names, versions };
    await workspace.api.create(path, { metadata: { name }, spec }).catch((error: unknown) => {
      if (!String(error).includes('AlreadyExists')) throw error;
    });
    await eventually(`the kind ${kind}`, async () => {
      const { status } = await workspace.api.get<Manifest>(`${path}/${name}`);
      return status?.conditions?.some(isEstablished) || undefined;
    });
  }
}

function isEstablished({ type, status }: Manifest): boolean {
  return type === 'Established' && status === 'True';
}
