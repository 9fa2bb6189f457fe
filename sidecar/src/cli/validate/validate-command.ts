import type { Clock } from '@lastgood/core/model/clock.ts';
import { findingOf } from '@lastgood/core/model/error.ts';
import type { Finding } from '@lastgood/core/model/finding.ts';
import type { CommandResult } from '../command.ts';
import type { CheckedInput, Report } from '../report/report.ts';
import { isGood, type ReportStyle, writeReport } from '../report/write.ts';
import { checkInput } from './check-input.ts';
import { checkSettings } from './check-settings.ts';
import { type ChosenChecks, chooseChecks } from './chosen-checks.ts';
import type { ValidateRequest } from './flags.ts';
import { type Input, readInput } from './inputs.ts';
import { createFindLastGood, type FindLastGood } from './last-good.ts';
import { subjectIn } from './subject.ts';

/** What the command needs of the process. */
export interface ValidateOptions extends ReportStyle {
  readonly request: ValidateRequest;
  readonly clock: Clock;
  readonly standardInput: () => Promise<Buffer>;
  /** Ends a command that is running. */
  readonly signal?: AbortSignal;
}

/**
 * Runs the checks of the sidecar on files, volumes and manifests, and changes nothing. Rejects with
 * `LG_SETTINGS_SCHEMA` or `LG_SETTINGS_RULE` for what cannot be used, and when the signal aborts.
 */
export async function validateCommand(options: ValidateOptions): Promise<CommandResult> {
  const { request } = options;
  const { config } = request;
  if (request.inputs.length === 0 && config !== undefined)
    return checkSettings({ ...request, config }, options);
  const chosen = await chooseChecks(request);
  if (!chosen.ok) return { end: 'unusable', output: '', findings: chosen.findings };
  const { checks } = chosen;
  try {
    return await checkAll(options, checks);
  } finally {
    await checks.commands.close();
  }
}

async function checkAll(options: ValidateOptions, checks: ChosenChecks): Promise<CommandResult> {
  const { request, signal } = options;
  const { 'shape-of': shapeOf } = request;
  const inputs: Input[] = [];
  for (const name of new Set(request.inputs)) inputs.push(await read(name, options, checks));
  const old = shapeOf === undefined ? undefined : await read(shapeOf, options, checks);
  const findLastGood = old === undefined ? NOTHING : createFindLastGood(old, inputs);
  const findings = old === undefined ? [] : troubleWith(old, inputs, findLastGood);
  if (findings.length > 0) return { end: 'unusable', output: '', findings };
  const configs = inputs.flatMap(({ manifests }) => manifests.flatMap((each) => each.configs));
  const checked: CheckedInput[] = [];
  for (const input of inputs)
    checked.push(await checkInput(input, { checks, configs, findLastGood, signal }));
  const report = { inputs: checked };
  return {
    end: endOf(report, inputs, request),
    output: writeReport(report, request.output, options),
    findings: [],
    notes: notesOf(checks, request),
  };
}

const NOTHING: FindLastGood = () => undefined;

async function read(
  name: string,
  { request, clock, standardInput }: ValidateOptions,
  checks: ChosenChecks,
): Promise<Input> {
  const { at, secret } = request;
  const input = await readInput(name, { clock, standardInput, secret: secret || checks.secret });
  if (at === undefined) return input;
  return { ...input, subjects: input.subjects.map((subject) => subjectIn(at, subject)) };
}

/** A comparison with nothing would pass everything, and nobody would know. */
function troubleWith(
  old: Input,
  inputs: readonly Input[],
  findLastGood: FindLastGood,
): readonly Finding[] {
  if (old.unreadable.length > 0)
    return old.unreadable.map(({ file, line, column, object, source, hint = '', ...finding }) => ({
      ...finding,
      hint,
      location: { file },
    }));
  if (inputs.every(({ subjects }) => subjects.length === 0)) return [];
  const isHeld = inputs.some((input) =>
    input.subjects.some((subject) =>
      findLastGood(subject, input)?.files.some(({ bytes }) => bytes.length > 0),
    ),
  );
  const message = `--shape-of ${old.name} holds no earlier version of what is to be checked`;
  return isHeld ? [] : [findingOf('LG_USAGE', [message])];
}

function endOf(
  report: Report,
  inputs: readonly Input[],
  { strict }: ValidateRequest,
): CommandResult['end'] {
  if (inputs.some(({ unreadable }) => unreadable.length > 0)) return 'unusable';
  return isGood(report, strict) ? 'good' : 'bad';
}

/** A gate that passes without having looked says so. */
function notesOf({ commands }: ChosenChecks, { exec }: ValidateRequest): readonly string[] {
  const leftOut = commands.leftOut();
  const passedOver = commands.passedOver();
  const runs = `--exec runs ${leftOut === 1 ? 'it' : 'them'}`;
  const needs = `${passedOver === 1 ? 'it needs' : 'they need'} a directory or a manifest`;
  return [
    ...(leftOut === 0 ? [] : [`${notRun(leftOut)}; ${runs}`]),
    ...(passedOver === 0 ? [] : [`${notRun(passedOver)}; ${needs}${exec ? '' : ', and --exec'}`]),
  ];
}

function notRun(count: number): string {
  return count === 1
    ? '1 command of the settings was not run'
    : `${count} commands of the settings were not run`;
}
