import { findingOf } from '@lastgood/core/model/error.ts';
import type { Finding } from '@lastgood/core/model/finding.ts';
import { type ManifestObject, textAt } from './objects.ts';

/** The keys that a Secret of a type needs: all of them, or of `kubernetes.io/basic-auth` one. */
interface NeededKeys {
  readonly keys: readonly string[];
  readonly oneIsEnough?: true;
}

/** Source: Kubernetes pkg/apis/core/validation, ValidateSecret. */
const NEEDED: Readonly<Record<string, NeededKeys>> = {
  'kubernetes.io/tls': { keys: ['tls.crt', 'tls.key'] },
  'kubernetes.io/dockerconfigjson': { keys: ['.dockerconfigjson'] },
  'kubernetes.io/dockercfg': { keys: ['.dockercfg'] },
  'kubernetes.io/basic-auth': { keys: ['username', 'password'], oneIsEnough: true },
  'kubernetes.io/ssh-auth': { keys: ['ssh-privatekey'] },
};

/** Refuses a Secret without the keys that the API server wants for its type. */
export function findingsOfType(
  object: ManifestObject,
  keys: readonly string[],
): readonly Finding[] {
  const type = textAt(object.value, ['type']) ?? '';
  if (object.kind !== 'Secret' || !Object.hasOwn(NEEDED, type)) return [];
  const { keys: needed, oneIsEnough } = NEEDED[type] as NeededKeys;
  const missing = needed.filter((key) => !keys.includes(key));
  if (missing.length === 0 || (oneIsEnough && missing.length < needed.length)) return [];
  const shown = missing.join(oneIsEnough ? ' or ' : ' and ');
  return [findingOf('LG_MANIFEST_SECRET_TYPE', [type, shown], object.locate(['type']))];
}
