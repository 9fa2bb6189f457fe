import { findingOf } from '@lastgood/core/model/error.ts';
import type { Finding } from '@lastgood/core/model/finding.ts';
import type { Snapshot } from '@lastgood/core/model/snapshot.ts';
import type { Baseline } from '../../steps/validate/validator.ts';
import type { ConfigObject } from '../manifests/config-object.ts';
import type { ManifestObject } from '../manifests/objects.ts';
import { findingsOfPods } from '../manifests/pod-volumes.ts';
import { type CheckedFile, type CheckedInput, formatObject, reportedAt } from '../report/report.ts';
import type { ChosenChecks } from './chosen-checks.ts';
import type { Input, ManifestFile } from './inputs.ts';
import type { FindLastGood } from './last-good.ts';
import { type CheckTarget, reportedObject } from './subject.ts';

/** What inputs are held against. */
export interface CheckOptions {
  readonly checks: ChosenChecks;
  /** Of all inputs: a pod of one may mount what another holds. */
  readonly configs: readonly ConfigObject[];
  readonly findLastGood: FindLastGood;
  readonly signal: AbortSignal | undefined;
}

/** Holds everything of an input against its checks. Rejects only when the signal aborts. */
export async function checkInput(
  input: Input,
  { checks, configs, findLastGood, signal }: CheckOptions,
): Promise<CheckedInput> {
  const { missing, validatorFor } = checks.checksFor(pathsOf(input.subjects));
  const files: CheckedFile[] = [];
  // One after the other: a validator remembers what it saw last, and large files have one thread.
  for (const [index, subject] of input.subjects.entries()) {
    const validate = await validatorFor({ paths: pathsOf([subject]), whole: input.whole });
    const standing = standingOn(findLastGood(subject, input));
    const { findings } = await validate(subject.snapshot, standing, signal);
    // A named file may stand in any object of the input, and is missed once.
    const missed = index === 0 && input.whole ? missing.map(missingFile) : [];
    files.push(...checkedFiles(subject, [...missed, ...findings]));
  }
  const objects = input.manifests.flatMap((manifest) => checkObjects(manifest, configs));
  const unreadable = input.unreadable.map((finding) => ({
    name: finding.file,
    findings: [finding],
  }));
  return { name: input.name, files: [...unreadable, ...files, ...objects] };
}

function pathsOf(subjects: readonly CheckTarget[]): ReadonlySet<string> {
  return new Set(subjects.flatMap(({ snapshot }) => snapshot.files.map(({ path }) => path)));
}

function missingFile(file: string): Finding {
  return findingOf('LG_VALIDATE_MISSING', [], { file });
}

/** What is good now is what the app runs on. */
function standingOn(lastGood: Snapshot | undefined): Baseline | undefined {
  return lastGood === undefined ? undefined : { lastGood, active: lastGood };
}

function checkedFiles(subject: CheckTarget, findings: readonly Finding[]): CheckedFile[] {
  const { snapshot, nameOf } = subject;
  const byPath = Map.groupBy(findings, ({ location }) => location?.file ?? '');
  const paths = new Set([...snapshot.files.map(({ path }) => path), ...byPath.keys()]);
  return [...paths].map((path) => ({
    name: nameOf(path),
    findings: (byPath.get(path) ?? []).map((finding) => subject.reported(finding)),
  }));
}

/** What is wrong with objects as a whole, whatever their content. */
function checkObjects(
  { configs, workloads, source }: ManifestFile,
  all: readonly ConfigObject[],
): CheckedFile[] {
  const checked = (object: ManifestObject, findings: readonly Finding[], secret = false) => ({
    name: formatObject(reportedObject(object)),
    findings: findings.map((finding) =>
      reportedAt(finding, finding.location ?? object.locate([]), {
        object: reportedObject(object),
        source: secret ? undefined : source,
      }),
    ),
  });
  return [
    ...configs.map(({ object, findings, secret }) => checked(object, findings, secret)),
    ...workloads.map((object) => checked(object, findingsOfPods(object, all))),
  ].filter(({ findings }) => findings.length > 0);
}
