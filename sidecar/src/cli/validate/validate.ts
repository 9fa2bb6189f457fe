import type { Clock } from '@lastgood/core/model/clock.ts';
import { findingOf } from '@lastgood/core/model/error.ts';
import type { Finding } from '@lastgood/core/model/finding.ts';
import { type CommandResult, unusable } from '../command.ts';
import type { CheckedInput } from '../report/report.ts';
import { endOfReport, type ReportStyle, writeReport } from '../report/write.ts';
import { checkInput } from './check-input.ts';
import { checkSettings } from './check-settings.ts';
import { targetIn } from './check-target.ts';
import { type ChosenChecks, chooseChecks } from './choose-checks.ts';
import type { ValidateRequest } from './flags.ts';
import { type Input, readInput } from './inputs.ts';
import { createFindLastGood, type FindLastGood } from './last-good.ts';

export interface ValidateOptions extends ReportStyle {
  readonly request: ValidateRequest;
  readonly clock: Clock;
  readonly standardInput: () => Promise<Buffer>;
  /** Ends a running command. */
  readonly signal?: AbortSignal;
}

/**
 * Runs the checks of the sidecar on files, volumes and manifests. Changes nothing. Rejects with
 * `LG_SETTINGS_SCHEMA` or `LG_SETTINGS_RULE` for a check that cannot be used, and when the signal
 * aborts.
 */
export async function validate(options: ValidateOptions): Promise<CommandResult> {
  const { request } = options;
  const { config } = request;
  if (request.inputs.length === 0 && config !== undefined)
    return checkSettings({ ...request, config }, options);
  const chosen = await chooseChecks(request);
  if (!chosen.ok) return unusable(chosen.findings);
  try {
    return await checkInputs(options, chosen.checks);
  } finally {
    await chosen.checks.exec.close();
  }
}

async function checkInputs(options: ValidateOptions, checks: ChosenChecks): Promise<CommandResult> {
  const { request, signal } = options;
  const { 'shape-of': shapeOf } = request;
  const inputs: Input[] = [];
  for (const name of new Set(request.inputs)) inputs.push(await read(name, options, checks));
  const old = shapeOf === undefined ? undefined : await read(shapeOf, options, checks);
  const findLastGood = old === undefined ? () => undefined : createFindLastGood(old, inputs);
  const findings = old === undefined ? [] : checkLastGood(old, inputs, findLastGood);
  if (findings.length > 0) return unusable(findings);
  const configs = inputs.flatMap(({ manifests }) => manifests.flatMap((each) => each.configs));
  const checked: CheckedInput[] = [];
  for (const input of inputs)
    checked.push(await checkInput(input, { checks, configs, findLastGood, signal }));
  const report = { inputs: checked };
  const isUnreadable = inputs.some(({ unreadable }) => unreadable.length > 0);
  return {
    end: isUnreadable ? 'unusable' : endOfReport(report, request.strict),
    output: writeReport(report, request.output, options),
    findings: [],
    notes: checks.exec.notes(),
  };
}

async function read(
  name: string,
  { request, clock, standardInput }: ValidateOptions,
  checks: ChosenChecks,
): Promise<Input> {
  const { at, secret } = request;
  const input = await readInput(name, { clock, standardInput, secret: secret || checks.secret });
  if (at === undefined) return input;
  return { ...input, targets: input.targets.map((target) => targetIn(at, target)) };
}

/** A comparison with nothing would pass everything, unnoticed. */
function checkLastGood(
  old: Input,
  inputs: readonly Input[],
  findLastGood: FindLastGood,
): readonly Finding[] {
  if (old.unreadable.length > 0)
    return old.unreadable.map(({ location: { file }, ...finding }) => ({
      ...finding,
      location: { file },
    }));
  if (inputs.every(({ targets }) => targets.length === 0)) return [];
  const isCompared = inputs.some((input) =>
    input.targets.some((target) =>
      findLastGood(target, input)?.files.some(({ bytes }) => bytes.length > 0),
    ),
  );
  const message = `--shape-of ${old.name} has no earlier version of the files to check`;
  return isCompared ? [] : [findingOf('LG_USAGE', [message])];
}
