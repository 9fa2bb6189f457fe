import type { Document } from '@lastgood/core/formats/format.ts';
import { isMapping } from '@lastgood/core/model/mapping.ts';

/** Source: kustomize api/konfig, RecognizedKustomizationFileNames. */
const FILE_NAME = /(?:^|\/)(?:kustomization\.ya?ml|Kustomization)$/;

export function isKustomization(path: string): boolean {
  return FILE_NAME.test(path);
}

/** The documents of a file: Kustomize takes its own file also without a kind. */
export function withKinds(path: string, documents: readonly Document[]): readonly Document[] {
  return isKustomization(path) ? documents.map(withKind) : documents;
}

function withKind(document: Document): Document {
  const { value } = document;
  if (!isMapping(value) || value.kind !== undefined) return document;
  const kind = { apiVersion: 'kustomize.config.k8s.io/v1beta1', kind: 'Kustomization' };
  return { ...document, value: { ...value, ...kind } };
}
