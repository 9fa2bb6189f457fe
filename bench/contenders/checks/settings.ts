import type { FilesCheckSettings } from '../../../sidecar/src/settings/settings.ts';

const NAMED_AT = { file: 'lastgood.yaml', line: 1, column: 1 };

export interface CheckOptions {
  readonly files: string;
  readonly schemaPath?: string;
  /** CEL. */
  readonly rules?: readonly string[];
}

/** An entry of `validate`, as it is when the settings have been read. */
export function checkOf({ files, schemaPath, rules = [] }: CheckOptions): FilesCheckSettings {
  return {
    files,
    format: 'auto',
    strict: false,
    tags: [],
    schema: schemaPath === undefined ? undefined : { path: schemaPath, namedAt: NAMED_AT },
    rules: rules.map((rule) => ({ rule, message: undefined, namedAt: NAMED_AT, verbatim: true })),
  };
}
