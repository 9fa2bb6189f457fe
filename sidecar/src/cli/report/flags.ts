/** The flags of every command that writes a report. */
export const REPORT_FLAGS = {
  strict: { help: 'Fail on warnings too' },
  output: {
    value: 'FORMAT',
    help: 'human, json, github, sarif or junit (default human)',
    choices: ['human', 'json', 'github', 'sarif', 'junit'],
    default: 'human',
  },
} as const;
