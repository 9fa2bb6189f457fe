import type { BundleSettings, CheckSettings } from '../../settings/settings.ts';
import type { CheckTarget } from './check-target.ts';

/**
 * Collects the bundles whose checks for any file ran on several objects, because neither a pod nor the
 * settings say which object is theirs.
 */
export function createUnplacedNotes() {
  const objects = new Map<string, Set<string>>();
  return {
    add: ({ name }: BundleSettings, checks: readonly CheckSettings[], { object }: CheckTarget) => {
      if (object === undefined || !checks.some(isForAnyFile)) return;
      const own = objects.getOrInsertComputed(name, () => new Set());
      own.add(`${object.kind} ${object.namespace}/${object.name}`);
    },
    notes: () =>
      [...objects]
        .filter(([, own]) => own.size > 1)
        .map(
          ([name, own]) =>
            `the checks of the bundle ${name} ran on ${own.size} objects; "object: ConfigMap/NAME" on a volume names the one`,
        ),
  };
}

/** A check of one named file runs only where that file is. */
function isForAnyFile(check: CheckSettings): boolean {
  return 'keys' in check || ('files' in check && /[*?[{]/.test(check.files)) || 'rules' in check;
}
