import { createLines } from '@lastgood/core/formats/lines.ts';
import { findingOf } from '@lastgood/core/model/error.ts';
import { ERRORS } from '@lastgood/core/model/error-codes.ts';
import type { Finding, Location } from '@lastgood/core/model/finding.ts';
import { valueAt } from '@lastgood/core/model/pointer.ts';
import { type CommandContext, type CommandResult, unusable, wrongUsage } from '../command.ts';
import { findingsOfConfig } from '../manifests/config-findings.ts';
import type { Manifests } from '../manifests/manifests.ts';
import type { ManifestObject } from '../manifests/objects.ts';
import { findingsOfPod } from '../manifests/pod-findings.ts';
import { podsOf } from '../manifests/pods.ts';
import { sealedSource } from '../manifests/sealed-source.ts';
import { readTools } from '../manifests/tools.ts';
import { plural } from '../report/human.ts';
import { type CheckedFile, formatObject, reportedObject } from '../report/report.ts';
import { writeReport } from '../report/write.ts';
import { readBaseline, withoutKnown } from './baseline.ts';
import { FOOTER } from './explain.ts';
import { type ObjectFinding, withoutIgnored } from './ignores.ts';
import { readManifestsOf } from './read-manifests.ts';
import type { Problem, Rule, RuleContext } from './rule.ts';
import { RULES } from './rules.ts';
import { readSettingsOfPods } from './settings-of-pods.ts';

/** The flags and arguments of `lastgood doctor`. */
interface DoctorRequest {
  readonly inputs: readonly string[];
  readonly minor: number | undefined;
  readonly baseline: string | undefined;
  readonly 'failure-threshold': 'error' | 'warning' | 'none';
  readonly output: 'human' | 'json' | 'github' | 'sarif' | 'junit';
}

type Context = Pick<CommandContext, 'clock' | 'standardInput' | 'style' | 'version'>;

/** Checks manifests with every rule. Changes nothing and never rejects. */
export async function examine(request: DoctorRequest, context: Context): Promise<CommandResult> {
  const { inputs, minor, output, 'failure-threshold': threshold } = request;
  const { manifests, unreadable, notes } = await readManifestsOf(inputs, context);
  if (unreadable.length > 0) return { ...unusable(unreadable), notes };
  const count = manifests.flatMap(({ objects }) => objects).length;
  if (count === 0) return { ...wrongUsage(`no Kubernetes object in ${inputs.join(', ')}`), notes };
  const baseline =
    request.baseline === undefined ? new Map() : await readBaseline(request.baseline);
  if (!(baseline instanceof Map)) return unusable([baseline]);
  const { files, solved } = withoutKnown(await checkManifests(manifests, minor), baseline);
  const more = solved === 0 ? [] : [`${plural(solved, 'finding')} of the baseline no longer there`];
  const successMessage = `${plural(count, 'object')}, no findings`;
  const report = { inputs: [{ name: inputs.join(' '), files }], successMessage, footer: FOOTER };
  const result = writeReport(report, { strict: threshold === 'warning', output }, context);
  return { ...result, ...(threshold === 'none' && { end: 'good' }), notes: [...notes, ...more] };
}

/** Every object with its findings, in order. */
export async function checkManifests(
  manifests: readonly Manifests[],
  minor?: number,
): Promise<readonly CheckedFile[]> {
  const pods = manifests.flatMap(podsOf);
  const configs = manifests.flatMap((each) => each.configs);
  const objects = manifests.flatMap((each) => each.objects);
  const tools = readTools(objects);
  const settings = await readSettingsOfPods(pods, configs);
  const context: RuleContext = { objects, configs, pods, tools, minor, ...settings };
  const problems = RULES.flatMap((rule) =>
    rule.check(context).map((problem) => ({ rule, ...problem })),
  );
  return manifests.flatMap((each) => {
    const here = problems.filter(({ object }) => each.objects.includes(object));
    const report = reporterOf(each);
    const found = [
      ...each.configs.flatMap((config) =>
        findingsOfConfig(config, context).map((one) => report(config.object, one)),
      ),
      ...podsOf(each).flatMap((pod) =>
        findingsOfPod(pod, context).map((one) => report(pod.object, one)),
      ),
      ...here.map((problem) => report(problem.object, findingOfProblem(problem, each))),
    ];
    const rest = withoutIgnored(each, found, report);
    return each.objects.map((object) => ({
      name: formatObject(reportedObject(object)),
      object: reportedObject(object),
      findings: rest.filter(({ of }) => of === object),
    }));
  });
}

type RuleProblem = Problem & { readonly rule: Rule };

/** Reports findings of a file, whose lines with secrets no excerpt shows (P8). */
function reporterOf(manifests: Manifests) {
  const source = sealedSource(manifests);
  return (object: ManifestObject, finding: Finding): ObjectFinding => ({
    ...finding,
    location: finding.location ?? object.locate([]),
    of: object,
    object: reportedObject(object),
    source,
  });
}

function findingOfProblem(
  { rule, fix, args, severity, location, ...place }: RuleProblem,
  manifests: Manifests,
): Finding {
  const { code } = rule;
  return {
    ...findingOf(code, args, location ?? locateProblem(place, manifests)),
    severity: severity ?? rule.severity,
    hint: fix ?? ERRORS[code].hint,
  };
}

/** In a text that is written line by line, the very place; else that of the whole text. */
function locateProblem(
  { object, at, part, offset }: Pick<Problem, 'object' | 'at' | 'part' | 'offset'>,
  { blockAt }: Manifests,
): Required<Location> {
  const location = object.locate(at, part);
  const text = valueAt(object.value, at);
  const block = offset === undefined ? undefined : blockAt(location);
  if (block === undefined || offset === undefined || typeof text !== 'string') return location;
  return { file: location.file, ...block.positionOf(createLines(text)(offset)) };
}
