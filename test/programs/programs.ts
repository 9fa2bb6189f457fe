/** The real programs that the tests of this folder run. */
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatFinding } from '@lastgood/core/model/finding.ts';
import { runCheckCommand } from '../../sidecar/src/checks/command/check-command.ts';
import { fileOf, snapshotOf } from '../../sidecar/src/steps/validate/snapshot.testing.ts';
import { DEADLINE_MS } from '../deadline.ts';

/** By the name that they have below `bin`. */
export const PROGRAMS = [
  ...(['nginx', 'haproxy', 'promtool', 'prometheus', 'gunicorn'] as const),
  ...(['postgres', 'initdb'] as const),
] as const;
export type Program = (typeof PROGRAMS)[number];

/** Where `setup.ts` unpacks them. */
export const PROGRAMS_DIR = join(import.meta.dirname, '../../node_modules/.lastgood-programs');

/** Packages of PyPI by the name of their folder, for programs that Debian has in older versions only. */
export const PYTHON_PACKAGES = {
  // The last one that ends a worker before it starts the next one.
  'uvicorn-0.50.0': ['uvicorn==0.50.0', 'click==8.5.1', 'h11==0.16.0'],
  'uvicorn-0.54.0': ['uvicorn==0.54.0', 'click==8.5.1', 'h11==0.16.0'],
} as const;
export type PythonPackage = keyof typeof PYTHON_PACKAGES;

/** Where `setup.ts` installs it: a directory for `PYTHONPATH`. */
export function pythonPackagePath(name: PythonPackage): string {
  return join(PROGRAMS_DIR, 'python', name);
}

/** Why the programs cannot be run here; undefined when they can. */
export function programsFault(): string | undefined {
  const missing = [
    ...PROGRAMS.filter((program) => !existsSync(pathOf(program))),
    ...missingPythonPackages(),
  ];
  return missing.length === 0 ? undefined : `not unpacked here: ${missing.join(', ')}`;
}

export function missingPythonPackages(): readonly PythonPackage[] {
  const names = Object.keys(PYTHON_PACKAGES) as PythonPackage[];
  return names.filter((name) => !existsSync(pythonPackagePath(name)));
}

const FAULT = programsFault();
/** In CI a skip would hide a missing check. */
export const skip = FAULT !== undefined && !process.env.CI ? FAULT : false;

/** The findings if a program checks these files; none if it accepts them. */
export async function saidBy(
  program: Program,
  args: readonly string[],
  texts: Readonly<Record<string, string>>,
): Promise<readonly string[]> {
  if (FAULT !== undefined) throw new Error(FAULT);
  const files = Object.entries(texts).map(([path, text]) => fileOf(path, text));
  const stagingDir = await mkdtemp(join(tmpdir(), 'lastgood-programs-'));
  try {
    const settings = { command: [pathOf(program), ...args], timeoutMs: DEADLINE_MS } as const;
    const findings = await runCheckCommand(snapshotOf(...files), settings, { stagingDir });
    return findings.map((finding) => {
      const warns = finding.severity === 'warning' ? 'warning ' : '';
      return `${warns}${formatFinding(finding)}`.replace(' [LG_VALIDATE_EXEC]', '');
    });
  } finally {
    await rm(stagingDir, { recursive: true });
  }
}

/** A text with one place changed. */
export function changed(text: string, from: string, to: string): string {
  if (!text.includes(from)) throw new Error(`there is no ${from} to change`);
  return text.replace(from, to);
}

/** The script that runs it. */
export function pathOf(program: Program): string {
  return join(PROGRAMS_DIR, 'bin', program);
}
