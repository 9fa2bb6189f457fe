/** The kinds of operators that are not there. */
import type { TestContext } from 'node:test';
import { eventually } from '../../api.ts';
import type { Workspace } from '../workspace.ts';

type Kind = readonly [group: string, version: string, kind: string];

export const SECRET_KINDS: readonly Kind[] = [
  ['external-secrets.io', 'v1', 'SecretStore'],
  ['external-secrets.io', 'v1', 'ExternalSecret'],
  ['bitnami.com', 'v1alpha1', 'SealedSecret'],
];

export const CSI_KINDS: readonly Kind[] = [
  ['secrets-store.csi.x-k8s.io', 'v1', 'SecretProviderClass'],
];

const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

/** Defines the kinds that the cluster does not have, with schemas that take everything, for one test. */
export async function defineKinds(
  t: TestContext,
  workspace: Workspace,
  kinds: readonly Kind[],
): Promise<void> {
  for (const kind of kinds) {
    const definition = makeDefinition(kind);
    const { name } = definition.metadata;
    try {
      await workspace.api.create(DEFINITIONS, definition);
      t.after(() => workspace.kubectl('delete', 'crd', name, '--wait=false'));
    } catch (error) {
      if (!String(error).includes('AlreadyExists')) throw error;
    }
    await waitForKind(workspace, name);
  }
}

/**
 * Resolves when kubectl finds a kind, by the name of its definition. The API server lists it a moment after it
 * has established it.
 */
export async function waitForKind(workspace: Workspace, name: string): Promise<void> {
  await eventually(`the kind ${name}`, async () => {
    workspace.kubectl('get', name);
    return true;
  });
}

function makeDefinition([group, version, kind]: Kind) {
  const singular = kind.toLowerCase();
  const plural = singular.endsWith('s') ? `${singular}es` : `${singular}s`;
  const openAPIV3Schema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  const schema = { openAPIV3Schema };
  const versions = [{ name: version, served: true, storage: true, schema }];
  const names = { kind, listKind: `${kind}List`, plural, singular };
  const spec = { group, scope: 'Namespaced', names, versions };
  return { metadata: { name: `${plural}.${group}` }, spec };
}
