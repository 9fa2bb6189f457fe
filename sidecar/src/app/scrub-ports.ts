import type { ErrorCode } from '@lastgood/core/model/error-codes.ts';
import type { Finding } from '@lastgood/core/model/finding.ts';
import { type Found, isSnapshot, type Snapshot } from '@lastgood/core/model/snapshot.ts';
import type { Observer, Ports } from '../runner/ports.ts';
import { isSealed } from '../settings/bundle.ts';
import type { BundleSettings } from '../settings/settings.ts';
import type { KnownSecrets } from './known-secrets.ts';

interface Findings {
  readonly findings: readonly Finding[];
}

/**
 * The same ports, which tell the register what secrets the bundle has, and whose findings show no known
 * secret. So neither the state nor the journal, the log or a page gets one (P8).
 */
export function scrubPorts(
  settings: Pick<BundleSettings, 'name' | 'volumes' | 'expand'>,
  ports: Ports,
  secrets: KnownSecrets,
): Ports {
  const { name: bundle } = settings;
  const note = createNote(settings, secrets);
  const scrub = (finding: Finding): Finding => {
    const message = secrets.scrub(finding.message);
    return message === finding.message ? finding : { ...finding, message };
  };
  // The steps of a bundle with secrets quote nothing from outside.
  const isQuiet = isSealed(settings);
  const scrubWords = (finding: Finding) =>
    isQuiet || secrets.isComplete ? scrub(finding) : withhold(finding);
  const scrubAll = async <T extends Findings>(result: T, each = scrubWords): Promise<T> => {
    if (result.findings.length === 0) return result;
    if (!isQuiet) await secrets.waitForCaptures(ports.clock);
    return { ...result, findings: result.findings.map(each) };
  };
  const noting = (read: () => Promise<Found>) => async () => {
    const found = await read();
    if (isSnapshot(found)) note(found);
    return found;
  };
  const { prepare, confirm } = ports;
  return {
    ...ports,
    capture: async () => {
      const captured = await ports.capture();
      if (captured.ok) note(captured.snapshot);
      secrets.noteCapture(bundle, captured.ok || captured.findings.some(isEmpty));
      return captured.ok ? captured : { ...captured, findings: captured.findings.map(scrub) };
    },
    validate: async (...args) =>
      scrubAll(await ports.validate(...args), (finding) =>
        OF_COMMANDS.has(finding.code) ? scrubWords(finding) : scrub(finding),
      ),
    prepare: prepare && (async (...args) => scrubAll(await prepare(...args))),
    targets: ports.targets.map((target) => ({
      ...target,
      deliver: async (...args) => scrubAll(await target.deliver(...args)),
    })),
    confirm: async (probation) => {
      const onWaiting: typeof probation.onWaiting = (finding) =>
        probation.onWaiting(finding && scrubWords(finding));
      return scrubAll(await confirm({ ...probation, onWaiting }));
    },
    readPublished: noting(ports.readPublished),
    readLastGood: noting(ports.readLastGood),
    observer: scrubObserver(ports.observer, scrub),
  };
}

/** An optional Secret that does not exist makes an empty volume, and may never exist. */
function isEmpty({ code }: Finding): boolean {
  return code === 'LG_CAPTURE_EMPTY';
}

/** Returns a function that hands the secret files of a snapshot to the register. */
function createNote(
  { name, volumes }: Pick<BundleSettings, 'name' | 'volumes'>,
  secrets: KnownSecrets,
): (snapshot: Snapshot) => void {
  if (!volumes.some(({ secret }) => secret)) return () => {};
  const innermost = volumes.toSorted((a, b) => b.at.length - a.at.length);
  /** What lastgood reads back from a directory does not say which volume a file is from. */
  const isSecret = (path: string) =>
    innermost.find(({ at }) => at === '.' || path === at || path.startsWith(`${at}/`))?.secret;
  return ({ version, files }) =>
    secrets.addFiles(
      name,
      version,
      files.filter(({ path }) => isSecret(path)),
    );
}

/** The findings of a check that quote what a command prints. */
const OF_COMMANDS: ReadonlySet<ErrorCode> = new Set(['LG_VALIDATE_EXEC', 'LG_VALIDATE_EXEC_FAULT']);

/** An app may quote a secret that lastgood has not read yet. Our own words end in the first colon. */
function withhold(finding: Finding): Finding {
  const end = finding.message.indexOf(': ');
  const own = end === -1 ? '' : `${finding.message.slice(0, end)}: `;
  const reason = 'the reason is withheld until lastgood has read the secrets of all bundles';
  return { ...finding, message: `${own}${reason}` };
}

function scrubObserver(observer: Observer, scrub: (finding: Finding) => Finding): Observer {
  return {
    ...observer,
    problem: (finding) => observer.problem(scrub(finding)),
    blocked: (finding, state) => observer.blocked(finding && scrub(finding), state),
  };
}
