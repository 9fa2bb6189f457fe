import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCapture } from '@lastgood/core/capture/capture.ts';
import { systemClock } from '@lastgood/core/model/clock.ts';
import { type Finding, formatFinding } from '@lastgood/core/model/finding.ts';
import type { Snapshot } from '@lastgood/core/model/snapshot.ts';
import { runCheckCommand } from '../../sidecar/src/checks/command/check-command.ts';
import { load } from '../../sidecar/src/settings/load.ts';
import type { BundleSettings, ExecSettings } from '../../sidecar/src/settings/settings.ts';
import type { CheckKind } from '../../sidecar/src/steps/validate/stopwatch.ts';
import { createValidator, type Validated } from '../../sidecar/src/steps/validate/validator.ts';
import type { Content, Example } from './example.ts';

/** A day on which the certificates of the examples are valid. */
const NOW_MS = Date.parse('2026-06-01T00:00:00Z');

/** Of the versions of secret volumes. */
const VERSION_KEY = Buffer.alloc(32, 7);

export interface Trial {
  /** The verdict on a content, alone or as a change of the good one that the app runs on. */
  verdictOn(content: Content, beside?: 'nothing' | 'good'): Promise<Validated>;
  /** The kinds of checks that have looked at something so far. */
  readonly kinds: ReadonlySet<CheckKind>;
}

/** Loads the settings of an example, as the sidecar does. Throws where they cannot be used. */
export async function createTrial({ settings: path, good }: Example): Promise<Trial> {
  const loaded = await load(path);
  if (!loaded.ok) throw new Error(loaded.findings.map(formatFinding).join('\n'));
  const [bundle] = loaded.settings.bundles;
  if (bundle === undefined) throw new Error(`${path} has no bundle`);
  const kinds = new Set<CheckKind>();
  const validate = await createValidator(bundle.validate, {
    reloadOn: bundle.reloadOn,
    runCommand: (snapshot, exec) => runHere(snapshot, exec, path),
    onChecked: (kind) => kinds.add(kind),
    wallMs: () => NOW_MS,
  });
  const active = await capture(good, bundle);
  return {
    kinds,
    verdictOn: async (content, beside = 'good') => {
      const standing = beside === 'good' ? active : null;
      const snapshot = await capture(content, bundle);
      return validate(snapshot, { lastGood: standing, active: standing });
    },
  };
}

/** `lastgood.yaml:3:5: warning: …`, as `lastgood validate` prints it. */
export function shown(finding: Finding): string {
  const { severity, message } = finding;
  return formatFinding(
    severity === 'error' ? finding : { ...finding, message: `warning: ${message}` },
  );
}

/** In a pod, the files beside the settings are mounted at `/etc/lastgood`. */
function runHere(
  snapshot: Snapshot,
  { command: [program, ...args], timeoutMs }: ExecSettings,
  settings: string,
): Promise<readonly Finding[]> {
  const here = args.map((arg) => arg.replace('/etc/lastgood', join(settings, '..')));
  const node = program === 'node' ? process.execPath : program;
  return inDirectory((stagingDir) =>
    runCheckCommand(snapshot, { command: [node, ...here], timeoutMs }, { stagingDir }),
  );
}

function capture(content: Content, { volumes, maxSizeBytes }: BundleSettings): Promise<Snapshot> {
  return inDirectory(async (dir) => {
    for (const [path, bytes] of content) writeFileSync(join(dir, path), bytes);
    const captured = await createCapture({
      volumes: volumes.map((volume) => ({ ...volume, path: dir })),
      maxSizeBytes,
      clock: systemClock,
      versionKey: VERSION_KEY,
    })();
    if (!captured.ok) throw new Error(captured.findings.map(formatFinding).join('\n'));
    return captured.snapshot;
  });
}

async function inDirectory<Result>(work: (dir: string) => Promise<Result>): Promise<Result> {
  const dir = mkdtempSync(join(tmpdir(), 'lastgood-example-'));
  try {
    return await work(dir);
  } finally {
    rmSync(dir, { recursive: true });
  }
}
