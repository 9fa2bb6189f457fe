import { findingOf } from '@lastgood/core/model/error.ts';
import type { Finding } from '@lastgood/core/model/finding.ts';
import { type CommandContext, type CommandResult, unusable } from '../command.ts';
import type { CheckedInput } from '../report/report.ts';
import { writeReport } from '../report/write.ts';
import { checkInput } from './check-input.ts';
import { checkSettings } from './check-settings.ts';
import { targetIn } from './check-target.ts';
import { type ChosenChecks, chooseChecks } from './choose-checks.ts';
import type { ValidateRequest } from './flags.ts';
import { type Input, readInput } from './inputs.ts';
import { createFindLastGood, type FindLastGood } from './last-good.ts';

type Context = Pick<CommandContext, 'clock' | 'standardInput' | 'style' | 'version'>;

/**
 * Runs the checks of the sidecar on files, volumes and manifests. Changes nothing. Rejects with
 * `LG_SETTINGS_SCHEMA` or `LG_SETTINGS_RULE` for a check that cannot be used, and when the signal
 * aborts, which also ends a running command.
 */
export async function validate(
  request: ValidateRequest,
  context: Context,
  signal?: AbortSignal,
): Promise<CommandResult> {
  const { config } = request;
  if (request.inputs.length === 0 && config !== undefined)
    return checkSettings(config, request, context);
  const chosen = await chooseChecks(request);
  if (!chosen.ok) return unusable(chosen.findings);
  try {
    return await checkInputs(request, chosen.checks, context, signal);
  } finally {
    await chosen.checks.exec.close();
  }
}

async function checkInputs(
  request: ValidateRequest,
  checks: ChosenChecks,
  context: Context,
  signal: AbortSignal | undefined,
): Promise<CommandResult> {
  const { at, 'shape-of': shapeOf } = request;
  const options = { ...context, secret: request.secret || checks.secret };
  const read = async (name: string): Promise<Input> => {
    const input = await readInput(name, options);
    if (at === undefined) return input;
    return { ...input, targets: input.targets.map((target) => targetIn(at, target)) };
  };
  const inputs: Input[] = [];
  for (const name of new Set(request.inputs)) inputs.push(await read(name));
  const old = shapeOf === undefined ? undefined : await read(shapeOf);
  const findLastGood = old === undefined ? () => undefined : createFindLastGood(old, inputs);
  const findings = old === undefined ? [] : checkLastGood(old, inputs, findLastGood);
  if (findings.length > 0) return unusable(findings);
  const configs = inputs.flatMap(({ manifests }) => manifests.flatMap((each) => each.configs));
  const checked: CheckedInput[] = [];
  for (const input of inputs)
    checked.push(await checkInput(input, { checks, configs, findLastGood, signal }));
  const result = writeReport({ inputs: checked }, request, context);
  const isUnreadable = inputs.some(({ unreadable }) => unreadable.length > 0);
  return { ...result, ...(isUnreadable && { end: 'unusable' }), notes: checks.exec.notes() };
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
