import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { TestContext } from 'node:test';
import { systemClock } from '@lastgood/core/model/clock.ts';
import { temporaryDirectory } from '../../../../test/kubelet/temporary-directory.ts';
import type { ValidateRequest } from './flags.ts';
import { validate as validateInputs } from './validate.ts';

/** A directory with these files; gives their paths and runs the command on some of them. */
export function workspace(t: TestContext, files: Record<string, string>) {
  const dir = temporaryDirectory(t);
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), content);
  }
  const pathOf = (name: string) => (name === '-' ? name : resolve(dir, name));
  const validate = async (
    inputs: string[],
    rest: Partial<ValidateRequest> = {},
    standardInput = '',
  ) => {
    const { end, output, findings, notes } = await validateInputs(
      {
        bundle: undefined,
        at: undefined,
        schema: [],
        rule: [],
        format: [],
        shape: undefined,
        exec: false,
        secret: false,
        strict: false,
        output: 'json',
        ...rest,
        inputs: inputs.map(pathOf),
        config: rest.config === undefined ? undefined : pathOf(rest.config),
        'shape-of': rest['shape-of'] && pathOf(rest['shape-of']),
      },
      {
        clock: systemClock,
        standardInput: async () => Buffer.from(standardInput),
        style: (_look, text) => text,
        version: '1.2.3',
      },
    );
    const isJson = (rest.output ?? 'json') === 'json' && output !== '';
    const report = isJson ? JSON.parse(output) : { findings: [], files: 0 };
    const said = report.findings.map(
      ({ file, line, column, message }: Record<string, string | number>) =>
        [file, line, column, ` ${message}`]
          .filter((part) => part !== undefined)
          .join(':')
          .replaceAll(`${dir}/`, ''),
    );
    return {
      end,
      output,
      said,
      files: report.files,
      usage: findings.map((each) => each.message.replaceAll(`${dir}/`, '')),
      notes,
    };
  };
  return { dir, validate };
}
