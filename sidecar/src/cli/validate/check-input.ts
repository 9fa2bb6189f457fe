import { findingOf } from '@lastgood/core/model/error.ts';
import type { Finding } from '@lastgood/core/model/finding.ts';
import type { ConfigObject } from '../manifests/config-object.ts';
import type { Manifests } from '../manifests/manifests.ts';
import type { ManifestObject } from '../manifests/objects.ts';
import { findingsOfPods } from '../manifests/pod-volumes.ts';
import { type CheckedFile, type CheckedInput, formatObject } from '../report/report.ts';
import { type CheckTarget, reportedObject } from './check-target.ts';
import type { ChosenChecks } from './choose-checks.ts';
import type { Input } from './inputs.ts';
import type { FindLastGood } from './last-good.ts';

export interface CheckOptions {
  readonly checks: ChosenChecks;
  /** Of all inputs: a pod in one may mount an object of another. */
  readonly configs: readonly ConfigObject[];
  readonly findLastGood: FindLastGood;
  readonly signal: AbortSignal | undefined;
}

/** Checks everything in an input. Rejects only when the signal aborts. */
export async function checkInput(
  input: Input,
  { checks, configs, findLastGood, signal }: CheckOptions,
): Promise<CheckedInput> {
  const { missing, validatorFor } = checks.checksFor(pathsOf(input.targets));
  const files: CheckedFile[] = [];
  // One at a time: a validator remembers its last snapshot, and large files share one thread.
  for (const [index, target] of input.targets.entries()) {
    const validate = await validatorFor({ paths: pathsOf([target]), whole: input.whole });
    const lastGood = findLastGood(target, input);
    const baseline = lastGood && { lastGood, active: lastGood };
    const { findings } = await validate(target.snapshot, baseline, signal);
    // A named file may be in any object of the input, and is missing once.
    const names = index === 0 && input.whole ? missing : [];
    const missed = names.map((file) => findingOf('LG_VALIDATE_MISSING', [], { file }));
    files.push(...checkedFiles(target, [...missed, ...findings]));
  }
  const objects = input.manifests.flatMap((manifest) => checkObjects(manifest, configs));
  const unreadable = input.unreadable.map((each) => ({
    name: each.location.file,
    findings: [each],
  }));
  return { name: input.name, files: [...unreadable, ...files, ...objects] };
}

function pathsOf(targets: readonly CheckTarget[]): ReadonlySet<string> {
  return new Set(targets.flatMap(({ snapshot }) => snapshot.files.map(({ path }) => path)));
}

function checkedFiles(target: CheckTarget, findings: readonly Finding[]): CheckedFile[] {
  const byPath = Map.groupBy(findings, ({ location }) => location?.file ?? '');
  const paths = new Set([...target.snapshot.files.map(({ path }) => path), ...byPath.keys()]);
  return [...paths].map((path) => ({
    name: target.nameOf(path),
    findings: (byPath.get(path) ?? []).map((finding) => target.reported(finding)),
  }));
}

/** Reports findings about objects as a whole, whatever their content. */
function checkObjects(
  { configs, workloads, source }: Manifests,
  all: readonly ConfigObject[],
): CheckedFile[] {
  const checked = (object: ManifestObject, findings: readonly Finding[], secret = false) => ({
    name: formatObject(reportedObject(object)),
    findings: findings.map((finding) => ({
      ...finding,
      location: finding.location ?? object.locate([]),
      object: reportedObject(object),
      source: secret ? undefined : source,
    })),
  });
  return [
    ...configs.map(({ object, findings, secret }) => checked(object, findings, secret)),
    ...workloads.map((object) => checked(object, findingsOfPods(object, all))),
  ].filter(({ findings }) => findings.length > 0);
}
