import { findingOf } from '@lastgood/core/model/error.ts';
import type { Finding } from '@lastgood/core/model/finding.ts';
import { type CommandContext, type CommandResult, unusable, wrongUsage } from '../command.ts';
import { findingsOfConfig } from '../manifests/config-findings.ts';
import type { ConfigObject } from '../manifests/config-object.ts';
import type { Manifests } from '../manifests/manifests.ts';
import type { ManifestObject } from '../manifests/objects.ts';
import { findingsOfPod, type Surroundings } from '../manifests/pod-findings.ts';
import { podsOf } from '../manifests/pods.ts';
import { readTools } from '../manifests/tools.ts';
import { plural } from '../report/human.ts';
import {
  type CheckedFile,
  type CheckedInput,
  formatObject,
  reportedObject,
} from '../report/report.ts';
import { writeReport } from '../report/write.ts';
import { checkSettings } from './check-settings.ts';
import { type CheckTarget, targetIn } from './check-target.ts';
import { type ChosenChecks, chooseChecks, pathsOf } from './choose-checks.ts';
import { unusedFlags } from './flag-checks.ts';
import type { ValidateRequest } from './flags.ts';
import { type Input, readInputs } from './inputs.ts';
import { createFindLastGood, emptinessNotes, type FindLastGood } from './last-good.ts';
import { findOwners, type Owners } from './owners.ts';

type Context = Pick<CommandContext, 'clock' | 'standardInput' | 'style' | 'version'>;

/**
 * Runs the checks of the sidecar on files, volumes and manifests. Changes nothing. Rejects with
 * `LG_SETTINGS_SCHEMA` or `LG_SETTINGS_RULE` for a check that cannot be used, and when the signal
 * aborts, which also ends a running command.
 */
export async function validate(
  request: ValidateRequest,
  context: Context,
  signal?: AbortSignal,
): Promise<CommandResult> {
  const { config } = request;
  if (request.inputs.length === 0 && config !== undefined)
    return checkSettings(config, request, context);
  const checks = await chooseChecks(request);
  if ('findings' in checks) return checks;
  try {
    return await checkInputs(request, checks, context, signal);
  } finally {
    await checks.exec.close();
  }
}

async function checkInputs(
  request: ValidateRequest,
  checks: ChosenChecks,
  context: Context,
  signal: AbortSignal | undefined,
): Promise<CommandResult> {
  const { at, 'shape-of': shapeOf } = request;
  const options = { ...context, secret: request.secret || checks.secret };
  const given = await readInputs(request.inputs, options);
  const [before] = shapeOf === undefined ? [] : await readInputs([shapeOf], options);
  const workloads = given.flatMap(({ manifests }) => manifests.flatMap((each) => each.workloads));
  const owners = findOwners(checks.bundles, workloads);
  const placeTarget = (target: CheckTarget) =>
    at === undefined ? owners.place(target) : targetIn(at, target);
  const place = (input: Input) => ({ ...input, targets: input.targets.map(placeTarget) });
  const inputs = given.map(place);
  const old = before && place(before);
  const findLastGood = old === undefined ? () => undefined : createFindLastGood(old, inputs);
  const findings = old === undefined ? [] : checkLastGood(old, inputs, findLastGood);
  if (findings.length > 0) return unusable(findings);
  const unused = inputs.every(isReadable) ? unusedFlags(request, allPathsOf(inputs)) : [];
  if (unused.length > 0) return wrongUsage(...unused);
  const configs = configsOf(inputs);
  const around: Surroundings = {
    configs,
    pods: inputs.flatMap(({ manifests }) => manifests.flatMap(podsOf)),
    tools: readTools(inputs.flatMap(({ objects }) => objects)),
  };
  const checked: CheckedInput[] = [];
  for (const input of inputs)
    checked.push(await checkInput(input, { checks, around, findLastGood, owners, signal }));
  const result = writeReport({ inputs: checked }, request, context);
  const notes = [
    ...checks.notes(),
    ...encryptionNotes(configs),
    ...emptinessNotes(inputs, findLastGood),
  ];
  return { ...result, ...(!inputs.every(isReadable) && { end: 'unusable' }), notes };
}

/** Warnings are about what was left out. */
function isReadable({ unreadable }: Input): boolean {
  return !unreadable.some(isError);
}

function configsOf(inputs: readonly Input[]): readonly ConfigObject[] {
  return inputs.flatMap(({ manifests }) => manifests.flatMap(({ configs }) => configs));
}

/** The files of all inputs, and the keys of objects that sops has encrypted. */
function allPathsOf(inputs: readonly Input[]): ReadonlySet<string> {
  const encrypted = configsOf(inputs).filter((each) => each.encrypted);
  const targets = inputs.flatMap((input) => input.targets);
  return pathsOf(targets).union(new Set(encrypted.flatMap(({ keys }) => keys)));
}

function isError({ severity }: Finding): boolean {
  return severity === 'error';
}

function encryptionNotes(configs: readonly ConfigObject[]): readonly string[] {
  const { length: count } = configs.filter(({ encrypted }) => encrypted);
  if (count === 0) return [];
  return [`${plural(count, 'object')} encrypted by sops: the values were not checked`];
}

/** A comparison with nothing would pass everything, unnoticed. */
function checkLastGood(
  old: Input,
  inputs: readonly Input[],
  findLastGood: FindLastGood,
): readonly Finding[] {
  const unreadable = old.unreadable.filter(isError);
  if (unreadable.length > 0)
    return unreadable.map(({ location: { file }, ...finding }) => ({
      ...finding,
      location: { file },
    }));
  if (inputs.every(({ targets }) => targets.length === 0)) return [];
  const isCompared = inputs.some((input) =>
    input.targets.some((target) => {
      const files = findLastGood(target, input)?.files;
      return files?.length === 0 || files?.some(({ bytes }) => bytes.length > 0);
    }),
  );
  const message = `--shape-of ${old.name} has no earlier version of the files to check`;
  return isCompared ? [] : [findingOf('LG_USAGE', [message])];
}

interface CheckOptions {
  readonly checks: ChosenChecks;
  /** Of all inputs: a pod in one may mount an object of another. */
  readonly around: Surroundings;
  readonly findLastGood: FindLastGood;
  readonly owners: Owners;
  readonly signal: AbortSignal | undefined;
}

async function checkInput(
  input: Input,
  { checks, around, findLastGood, owners, signal }: CheckOptions,
): Promise<CheckedInput> {
  const { missing, validatorFor } = checks.checksFor(input.targets, owners);
  const files: CheckedFile[] = [];
  // One at a time: a validator remembers its last snapshot, and large files share one thread.
  for (const [index, target] of input.targets.entries()) {
    const validate = await validatorFor(target, input.whole);
    const lastGood = findLastGood(target, input);
    const baseline = lastGood && { lastGood, active: lastGood };
    const { findings } = await validate(target.snapshot, baseline, signal);
    // A named file may be in any object of the input, and is missing once.
    const names = index === 0 && input.whole ? missing : [];
    const missed = names.map((file) => findingOf('LG_VALIDATE_MISSING', [], { file }));
    for (const file of checkedFiles(target, [...missed, ...findings])) files.push(file);
  }
  const objects = input.manifests.flatMap((manifest) => checkObjects(manifest, around));
  const unreadable = input.unreadable.map((each) => ({
    name: each.location.file,
    findings: [each],
  }));
  return { name: input.name, files: [...unreadable, ...files, ...objects] };
}

function checkedFiles(target: CheckTarget, findings: readonly Finding[]): CheckedFile[] {
  const byPath = Map.groupBy(findings, ({ location }) => location?.file ?? '');
  const paths = new Set([...target.snapshot.files.map(({ path }) => path), ...byPath.keys()]);
  return [...paths].map((path) => ({
    name: target.nameOf(path),
    object: target.object && { ...target.object, key: path },
    findings: (byPath.get(path) ?? []).map((finding) => target.reported(finding)),
  }));
}

/** Reports findings about objects as a whole, whatever their content. */
function checkObjects(manifests: Manifests, around: Surroundings): CheckedFile[] {
  const { configs, source } = manifests;
  const checked = (object: ManifestObject, findings: readonly Finding[], secret = false) => ({
    name: formatObject(reportedObject(object)),
    object: reportedObject(object),
    findings: findings.map((finding) => ({
      ...finding,
      location: finding.location ?? object.locate([]),
      object: reportedObject(object),
      source: secret ? undefined : source,
    })),
  });
  return [
    ...configs.map((each) => checked(each.object, findingsOfConfig(each, around), each.secret)),
    ...podsOf(manifests).map((pod) => checked(pod.object, findingsOfPod(pod, around))),
  ].filter(({ findings }) => findings.length > 0);
}
