import { yaml } from '@lastgood/core/formats/yaml.ts';
import { formatFinding } from '@lastgood/core/model/finding.ts';
import { readObjects } from '../manifests/manifests.ts';
import { checkManifests } from './examine.ts';

/** The findings in a manifest in YAML, in the order of its lines. */
export async function findingsInText(text: string, file = 'm.yaml', minor?: number) {
  const parsed = yaml.parse(text);
  if (!parsed.ok) throw new Error(`not valid: ${JSON.stringify(parsed.issues)}`);
  const manifests = readObjects(file, text, yaml, parsed.documents);
  const files = await checkManifests([manifests], minor);
  const lineOf = (each: { location: { line?: number } }) => each.location.line ?? 0;
  return files.flatMap(({ findings }) => findings).toSorted((a, b) => lineOf(a) - lineOf(b));
}

/** Each finding on a line, as a person reads it. */
export async function saidOfManifest(text: string, minor?: number): Promise<readonly string[]> {
  const findings = await findingsInText(text, 'm.yaml', minor);
  return findings.map((each) => `${each.severity} ${formatFinding(each)}`);
}
