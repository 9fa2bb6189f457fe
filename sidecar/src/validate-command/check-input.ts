import type { ConfigObject } from '../manifests/config-object.ts';
import type { ManifestObject } from '../manifests/objects.ts';
import { findingsOfPods } from '../manifests/pod-volumes.ts';
import { type CheckedFile, type CheckedInput, formatObject } from '../report/report.ts';
import type { Validator } from '../validate/validate.ts';
import type { Finding } from '../verdict.ts';
import type { ChosenChecks } from './chosen-checks.ts';
import type { Input, ManifestFile } from './inputs.ts';
import { reportedAt, reportedObject, type Subject } from './subject.ts';

/**
 * Holds everything of an input against its checks.
 *
 * @param configs - of all inputs: a pod of one may mount what another holds
 */
export async function checkInput(
  input: Input,
  checks: ChosenChecks,
  configs: readonly ConfigObject[],
): Promise<CheckedInput> {
  const paths = pathsOf(input);
  const validate = await checks.validatorFor(paths);
  const missing = createMissing(input, paths);
  const files: CheckedFile[] = [];
  // One after the other: a validator remembers what it saw last, and large files have one thread.
  for (const subject of input.subjects)
    files.push(...(await checkSubject(subject, validate, missing)));
  const objects = input.manifests.flatMap((manifest) => checkObjects(manifest, configs));
  const unreadable = input.unreadable.map((finding) => ({
    name: finding.file,
    findings: [finding],
  }));
  return { name: input.name, files: [...unreadable, ...files, ...objects] };
}

function pathsOf({ subjects }: Input): ReadonlySet<string> {
  return new Set(subjects.flatMap(({ snapshot }) => snapshot.files.map(({ path }) => path)));
}

/**
 * Whether a finding is to be told. A file that a check names may stand in any object of the input,
 * is told once if it is in none, and never where the input is but one file.
 */
function createMissing({ whole }: Input, paths: ReadonlySet<string>) {
  const told = new Set<string>();
  return ({ code, location }: Finding): boolean => {
    if (code !== 'LG_VALIDATE_MISSING' || location === undefined) return true;
    if (!whole || paths.has(location.file) || told.has(location.file)) return false;
    told.add(location.file);
    return true;
  };
}

async function checkSubject(
  subject: Subject,
  validate: Validator,
  isTold: (finding: Finding) => boolean,
): Promise<CheckedFile[]> {
  const { snapshot, nameOf } = subject;
  const { findings } = await validate(snapshot);
  const told = findings.filter(isTold);
  const byPath = Map.groupBy(told, ({ location }) => location?.file ?? '');
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
