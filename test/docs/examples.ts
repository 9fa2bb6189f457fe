import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { findingFrom } from '@lastgood/core/model/error.ts';
import { type Finding, formatFinding } from '@lastgood/core/model/finding.ts';
import type { Snapshot } from '@lastgood/core/model/snapshot.ts';
import { runCheckCommand } from '../../sidecar/src/checks/command/check-command.ts';
import { load } from '../../sidecar/src/settings/load.ts';
import type { BundleSettings } from '../../sidecar/src/settings/settings.ts';
import { fileOf, snapshotOf } from '../../sidecar/src/steps/validate/snapshot.testing.ts';
import { createValidator, type Validated } from '../../sidecar/src/steps/validate/validator.ts';

/** What a page shows of one run: what goes in, each text under its name, and what comes out. */
export interface Example {
  /** The line of the output in the page. */
  readonly line: number;
  /** The files, the schemas that the settings name, and the settings as `lastgood.yaml`. */
  readonly texts: Texts;
  /** The files of the version that the app runs on, which is the last good one as well. */
  readonly lastGood: Texts;
  /** What follows `lastgood` on the command line; undefined: what the sidecar does. */
  readonly command: string | undefined;
  readonly output: string;
}

type Texts = ReadonlyMap<string, string>;

/** A block of code below a line that says what it is: GitHub shows no other name of a block. */
const BLOCK =
  /^(Output|`(?<name>[^`\n]+)`(?<which>, last good|, without a line break)?):\n```\w+\n(?<text>.*?)^```$/gms;

const COMMAND = 'lastgood ';

/** Every example of a page: all blocks since the last output, and the output. */
export function examplesIn(page: string): readonly Example[] {
  const examples: Example[] = [];
  let texts = new Map<string, string>();
  let lastGood = new Map<string, string>();
  for (const { index, groups = {} } of page.matchAll(BLOCK)) {
    const { name, which, text = '' } = groups;
    if (name === undefined || name.startsWith(COMMAND)) {
      const line = page.slice(0, index).split('\n').length;
      examples.push({ line, texts, lastGood, command: name?.slice(COMMAND.length), output: text });
      texts = new Map();
      lastGood = new Map();
    } else if (which === ', last good') lastGood.set(name, text);
    else texts.set(name, which === ', without a line break' ? text.trimEnd() : text);
  }
  return examples;
}

const SETTINGS = 'lastgood.yaml';

/** When the checks of the page take place: certificates end. */
const NOW_MS = Date.parse('2026-06-01T00:00:00Z');

/** Runs an example in a separate directory, and returns the result in the page's format. */
export async function outputOf(example: Example, dir: string): Promise<string> {
  const { texts, command } = example;
  if (command !== undefined) return outputOfCommand(command, texts, dir);
  const path = join(dir, SETTINGS);
  writeFileSync(path, wholeSettings(texts.get(SETTINGS) ?? ''));
  const loaded = await load(path);
  if (!loaded.ok) return worded(loaded.findings, 'does not start', dir);
  const [bundle] = loaded.settings.bundles;
  if (bundle === undefined) throw new Error('the settings have no bundle');
  try {
    const { findings, ...verdict } = await judged(bundle, example, dir);
    return worded(findings, wordOf(verdict), dir);
  } catch (thrown) {
    return worded([findingFrom(thrown)], 'does not start', dir);
  }
}

const MAIN = new URL('../../sidecar/src/main.ts', import.meta.url).pathname;

function outputOfCommand(command: string, texts: Texts, dir: string): string {
  for (const [name, text] of texts) writeFileSync(join(dir, name), text);
  const args = [MAIN, ...command.split(' ')];
  return spawnSync(process.execPath, args, { cwd: dir, encoding: 'utf8' }).stdout;
}

async function judged(
  bundle: BundleSettings,
  { texts, lastGood }: Example,
  dir: string,
): Promise<Validated> {
  const schemas = new Set(schemasOf(bundle));
  for (const name of schemas) writeFileSync(join(dir, name), texts.get(name) ?? '');
  const files = [...texts].filter(([name]) => name !== SETTINGS && !schemas.has(name));
  const active = lastGood.size === 0 ? null : snapshotIn(bundle, [...lastGood]);
  const stagingDir = join(dir, 'staged');
  const validate = await createValidator(bundle.validate, {
    reloadOn: bundle.reloadOn,
    runCommand: (snapshot, exec) => runCheckCommand(snapshot, exec, { stagingDir }),
    wallMs: () => NOW_MS,
  });
  return validate(snapshotIn(bundle, files), { lastGood: active, active });
}

/** The page shows what belongs into a bundle, unless it shows the bundle as well. */
function wholeSettings(shown: string): string {
  if (/^bundles:/m.test(shown)) return shown;
  const volumes = /^volumes:/m.test(shown) ? '' : 'volumes: [{ path: /lastgood/source }]\n';
  const keys = `name: example\n${volumes}${shown}`.replaceAll(/^(?=.)/gm, '    ');
  return `bundles:\n  -\n${keys}`;
}

function schemasOf({ validate }: BundleSettings): readonly string[] {
  return validate.flatMap((check) =>
    'schema' in check && check.schema !== undefined ? basename(check.schema.path) : [],
  );
}

/** A file is secret if the volume is in whose directory it stands. */
function snapshotIn(
  { volumes }: BundleSettings,
  texts: readonly (readonly [path: string, text: string])[],
): Snapshot {
  const isSecret = (path: string) =>
    volumes.some(({ at, secret }) => secret && (at === '.' || path.startsWith(`${at}/`)));
  return snapshotOf(...texts.map(([path, text]) => fileOf(path, text, isSecret(path))));
}

function wordOf({ accepted, isEquivalent }: Omit<Validated, 'findings'>): string {
  if (!accepted) return 'rejected';
  return isEquivalent ? 'accepted, means the same' : 'accepted';
}

function worded(findings: readonly Finding[], verdict: string, dir: string): string {
  const lines = [...findings.map(lineOf), verdict].map(
    (line) => `${line}
`,
  );
  return lines.join('').replaceAll(`${dir}/`, '');
}

/** As `lastgood validate` heads a finding. */
function lineOf(finding: Finding): string {
  const isWarning = finding.severity === 'warning';
  return formatFinding(
    isWarning ? { ...finding, message: `warning: ${finding.message}` } : finding,
  );
}
