/** The ways to write a report. */
export const OUTPUTS = ['human', 'json', 'github', 'sarif', 'junit'] as const;

export type Output = (typeof OUTPUTS)[number];

/** The flags of every command that writes a report. */
export const REPORT_FLAGS = {
  strict: { help: 'Fail on warnings too' },
  output: {
    value: 'FORMAT',
    help: 'human, json, github, sarif or junit (default human)',
    choices: OUTPUTS,
    default: 'human',
  },
} as const;

/** What of a request the report needs. */
export interface ReportRequest {
  /** A warning fails as an error does. */
  readonly strict: boolean;
  readonly output: Output;
}
