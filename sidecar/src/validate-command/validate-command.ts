import type { Clock } from '../clock.ts';
import type { Style } from '../report/excerpt.ts';
import { githubReport } from '../report/github.ts';
import { humanReport } from '../report/human.ts';
import { jsonReport } from '../report/json.ts';
import { junitReport } from '../report/junit.ts';
import { countsOf, type Report } from '../report/report.ts';
import { sarifReport } from '../report/sarif.ts';
import type { Finding } from '../verdict.ts';
import { checkInput } from './check-input.ts';
import { chooseChecks } from './chosen-checks.ts';
import { type Input, readInput } from './inputs.ts';
import type { Output, ValidateRequest } from './request.ts';

/** What the command needs of the process. */
export interface ValidateOptions {
  readonly request: ValidateRequest;
  readonly clock: Clock;
  readonly standardInput: () => Promise<Buffer>;
  /** How the terminal shows emphasis, if it can. */
  readonly style: Style;
  /** Version of the program. */
  readonly program: string;
}

/** How the command ended: `unusable` is an input that cannot be read, or wrong usage. */
export interface ValidateEnd {
  readonly end: 'good' | 'bad' | 'unusable';
  /** For standard output. */
  readonly output: string;
  /** Why nothing could be checked. */
  readonly findings: readonly Finding[];
}

/**
 * Runs the checks of the sidecar on files, volumes and manifests, and changes nothing. Rejects with
 * `LG_SETTINGS_SCHEMA` when a schema cannot be used.
 */
export async function validateCommand(options: ValidateOptions): Promise<ValidateEnd> {
  const { request } = options;
  const chosen = await chooseChecks(request);
  if (!chosen.ok) return { end: 'unusable', output: '', findings: chosen.findings };
  const { checks } = chosen;
  const reading = { ...options, secret: request.secret || checks.secret };
  const inputs: Input[] = [];
  for (const name of new Set(request.inputs)) inputs.push(await readInput(name, reading));
  const configs = inputs.flatMap(({ manifests }) => manifests.flatMap((each) => each.configs));
  const checked = [];
  for (const input of inputs) checked.push(await checkInput(input, checks, configs));
  const report = { inputs: checked };
  const output = write(report, request.output, options);
  return { end: endOf(report, inputs, request), output, findings: [] };
}

function endOf(
  report: Report,
  inputs: readonly Input[],
  { strict }: ValidateRequest,
): ValidateEnd['end'] {
  if (inputs.some(({ unreadable }) => unreadable.length > 0)) return 'unusable';
  const { errors, warnings } = countsOf(report);
  return errors > 0 || (strict && warnings > 0) ? 'bad' : 'good';
}

function write(report: Report, output: Output, { style, program }: ValidateOptions): string {
  switch (output) {
    case 'human':
      return humanReport(report, style);
    case 'json':
      return jsonReport(report);
    case 'github':
      return githubReport(report);
    case 'sarif':
      return sarifReport(report, program);
    case 'junit':
      return junitReport(report);
  }
}
