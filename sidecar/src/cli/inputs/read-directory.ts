import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { captureDirectory } from '@lastgood/core/capture/capture.ts';
import { isInside } from '@lastgood/core/fs/is-inside.ts';
import { DATA_LINK } from '@lastgood/core/fs/kubelet-layout.ts';
import { literalGlob } from '@lastgood/core/fs/literal-glob.ts';
import type { ErrorCode } from '@lastgood/core/model/error-codes.ts';
import type { Finding } from '@lastgood/core/model/finding.ts';
import type { Snapshot } from '@lastgood/core/model/snapshot.ts';
import type { CommandContext } from '../command.ts';

/** Directories of other tools: what they hold is no configuration, and a lot. */
const OTHER_TOOLS = ['**/.git', '**/node_modules'];

/** What a working tree may have and a volume may not: it is left out, with a warning. */
const LEFT_OUT: readonly ErrorCode[] = ['LG_CAPTURE_OUTSIDE', 'LG_CAPTURE_KIND'];

/** Each attempt leaves out what the one before could not read. */
const MAX_ATTEMPTS = 5;

interface DirectoryContent {
  /** Undefined if the directory cannot be read. */
  readonly snapshot: Snapshot | undefined;
  readonly findings: readonly Finding[];
}

/** Whether the kubelet, or lastgood, keeps this directory up to date. */
export function isKubeletVolume(directory: string): boolean {
  return existsSync(join(directory, DATA_LINK));
}

/**
 * Reads a volume, or all configuration in a working tree: there, links that lead nowhere or outside,
 * sockets and the like are warnings. Never rejects.
 */
export async function readDirectory(
  directory: string,
  { clock, secret }: Pick<CommandContext, 'clock'> & { readonly secret: boolean },
): Promise<DirectoryContent> {
  const options = { clock, ...(secret ? { versionKey: randomBytes(32) } : {}) };
  const isTree = !isKubeletVolume(directory);
  // Links on the way are trusted, because a person named this path.
  const real = await realpath(directory).catch(() => directory);
  const exclude = isTree ? [...OTHER_TOOLS] : [];
  const warnings: Finding[] = [];
  for (let attempt = 1; ; attempt++) {
    const captured = await captureDirectory(real, { ...options, exclude });
    if (captured.ok) return { snapshot: captured.snapshot, findings: warnings };
    const findings = captured.findings.map((each) => locatedBelow(each, real, directory));
    const canGoOn = isTree && findings.every(({ code }) => LEFT_OUT.includes(code));
    if (!canGoOn || attempt === MAX_ATTEMPTS) return { snapshot: undefined, findings };
    exclude.push(...findings.map(({ location }) => literalGlob(location?.file ?? '')));
    warnings.push(...findings.map((each) => ({ ...each, severity: 'warning' as const })));
  }
}

/** The finding with the path that was named in place of the real one. */
function locatedBelow(finding: Finding, real: string, named: string): Finding {
  const { location } = finding;
  if (location === undefined || !isInside(real, location.file)) return finding;
  return {
    ...finding,
    location: { ...location, file: join(named, relative(real, location.file)) },
  };
}
