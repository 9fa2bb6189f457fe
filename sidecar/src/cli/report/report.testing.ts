import type { Report, ReportedFinding } from './report.ts';

/** Colours as words, so that a test can see them. */
export const marked = (look: string, text: string) => `<${look}>${text}</${look}>`;

export const unmarked = (_look: string, text: string) => text;

interface Parts extends Partial<Omit<ReportedFinding, 'hint' | 'location'>> {
  readonly hint?: string | undefined;
  readonly file?: string;
  readonly line?: number | undefined;
  readonly column?: number | undefined;
}

/** An error at `conf/a.yaml:2:3`, with what differs from it. */
export function finding(parts: Parts = {}): ReportedFinding {
  const defaults = { file: 'conf/a.yaml', line: 2, column: 3, hint: 'correct it' };
  const { file, line, column, hint, ...rest } = { ...defaults, ...parts };
  return {
    code: 'LG_VALIDATE_SYNTAX',
    severity: 'error',
    message: 'is wrong',
    source: { text: 'a: 1\nb: [\n', isSealed: () => false },
    ...rest,
    ...(hint !== undefined && { hint }),
    location: {
      file,
      ...(line !== undefined && { line }),
      ...(column !== undefined && { column }),
    },
  };
}

const OBJECT = {
  kind: 'ConfigMap',
  name: 'model',
  namespace: 'ml',
  key: 'config.yaml',
  template: 'c/a.yaml',
} as const;

/** Two errors and a warning in two of four files of two inputs. */
export const REPORT: Report = {
  inputs: [
    {
      name: 'conf',
      files: [
        { name: 'conf/a.yaml', findings: [finding()] },
        { name: 'conf/b.yaml', findings: [] },
      ],
    },
    {
      name: 'm.yaml',
      files: [
        {
          name: 'ConfigMap ml/model, key config.yaml',
          findings: [
            finding({ file: 'm.yaml', line: 9, source: undefined, object: OBJECT }),
            finding({
              code: 'LG_MANIFEST_IMMUTABLE',
              severity: 'warning',
              message: 'is "old" & <50% good>',
              hint: undefined,
              file: 'm.yaml',
              line: 7,
              column: undefined,
              source: undefined,
            }),
          ],
        },
        { name: 'Secret db, key password', findings: [] },
      ],
    },
  ],
};

export const GOOD: Report = {
  inputs: [{ name: '.', files: [{ name: 'a.yaml', findings: [] }] }],
};
