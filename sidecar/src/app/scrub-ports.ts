import type { Finding } from '@lastgood/core/model/finding.ts';
import { type Found, isSnapshot, type Snapshot } from '@lastgood/core/model/snapshot.ts';
import type { Observer, Ports } from '../runner/ports.ts';
import type { BundleSettings } from '../settings/settings.ts';
import type { KnownSecrets } from './known-secrets.ts';

/**
 * The same ports, which tell the register what secrets the bundle has, and whose findings show no known
 * secret. So neither the state nor the journal, the log or a page gets one (P8).
 */
export function scrubPorts(
  { name: bundle, volumes }: Pick<BundleSettings, 'name' | 'volumes'>,
  ports: Ports,
  secrets: KnownSecrets,
): Ports {
  /** What lastgood reads back from a directory does not say which volume a file is from. */
  const isSecret = (path: string) =>
    volumes
      .filter(({ at }) => at === '.' || path === at || path.startsWith(`${at}/`))
      .toSorted((a, b) => b.at.length - a.at.length)[0]?.secret ?? false;
  const note = ({ version, files }: Snapshot) =>
    secrets.addFiles(
      bundle,
      version,
      files.filter(({ path }) => isSecret(path)),
    );
  const scrub = (finding: Finding): Finding => {
    const message = secrets.scrub(finding.message);
    return message === finding.message ? finding : { ...finding, message };
  };
  const scrubAll = <T extends { readonly findings: readonly Finding[] }>(result: T): T =>
    result.findings.length === 0 ? result : { ...result, findings: result.findings.map(scrub) };
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
      if (!captured.ok) return scrubAll(captured);
      note(captured.snapshot);
      return captured;
    },
    validate: async (...args) => scrubAll(await ports.validate(...args)),
    prepare: prepare && (async (...args) => scrubAll(await prepare(...args))),
    targets: ports.targets.map((target) => ({
      ...target,
      deliver: async (...args) => scrubAll(await target.deliver(...args)),
    })),
    confirm: async (probation) => {
      const onWaiting: typeof probation.onWaiting = (finding) =>
        probation.onWaiting(finding && scrub(finding));
      return scrubAll(await confirm({ ...probation, onWaiting }));
    },
    readPublished: noting(ports.readPublished),
    readLastGood: noting(ports.readLastGood),
    observer: scrubObserver(ports.observer, scrub),
  };
}

function scrubObserver(observer: Observer, scrub: (finding: Finding) => Finding): Observer {
  return {
    ...observer,
    problem: (finding) => observer.problem(scrub(finding)),
    blocked: (finding, state) => observer.blocked(finding && scrub(finding), state),
  };
}
