/**
 * Joins the audit log of the API server with the log of lastgood: who changed what, and what became of it.
 *
 *   node correlate.mjs NAMESPACE CONFIGMAP,… AUDIT-LOG LASTGOOD-LOG
 *
 * The ConfigMaps are those of the bundle, in the order of the sources of its volume. The version that lastgood shows is a
 * digest of the content, so it follows from what the audit log has, and needs neither clocks nor names.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

const [namespace, names = '', auditLog, lastgoodLog] = process.argv.slice(2);
const sources = names.split(',');
const SHOWN_DIGITS = 12;

function readLines(path) {
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line));
}

function sha256(content) {
  return createHash('sha256').update(content).digest('hex');
}

/** Path, NUL, digest and a line feed for each file, in the order of the paths' bytes; then the digest of that. */
function versionOf(objects) {
  const files = Object.assign({}, ...sources.map((name) => objects.get(name) ?? {}));
  const paths = Object.keys(files).toSorted((a, b) =>
    Buffer.compare(Buffer.from(a), Buffer.from(b)),
  );
  const lines = paths.map((path) => `${path}\0${sha256(files[path])}\n`);
  return sha256(lines.join('')).slice(0, SHOWN_DIGITS);
}

function filesOf({ data, binaryData = {} }) {
  const binary = Object.entries(binaryData).map(([key, text]) => [
    key,
    Buffer.from(text, 'base64'),
  ]);
  return { ...data, ...Object.fromEntries(binary) };
}

function* changesIn(events) {
  const objects = new Map();
  for (const { objectRef = {}, responseObject: object = {}, ...event } of events) {
    const name = objectRef.name ?? object.metadata?.name;
    const isOurs = objectRef.resource === 'configmaps' && objectRef.namespace === namespace;
    if (!isOurs || !sources.includes(name) || event.responseStatus?.code >= 300) continue;
    objects.set(name, event.verb === 'delete' ? {} : filesOf(object));
    const user = event.impersonatedUser?.username ?? event.user.username;
    const { resourceVersion = '' } = object.metadata ?? {};
    const what = `${event.verb} ${name} resourceVersion ${resourceVersion}`;
    yield { time: event.stageTimestamp, user, what, version: versionOf(objects) };
  }
}

const outcomes = Map.groupBy(
  readLines(lastgoodLog).filter(({ outcome }) => outcome !== undefined),
  ({ version }) => version,
);
for (const { time, user, what, version } of changesIn(readLines(auditLog))) {
  // None if the next change came before the kubelet's round.
  const became = (outcomes.get(version) ?? []).map(({ outcome, time: at }) => `${outcome} ${at}`);
  console.log(
    [time, user, what, `version ${version}`, became.join(', ') || 'no rollout'].join('  '),
  );
}
