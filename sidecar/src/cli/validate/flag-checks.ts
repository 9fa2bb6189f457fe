import { resolve } from 'node:path';
import { FORMAT_NAMES } from '@lastgood/core/formats/format.ts';
import { PARSED_FILES } from '@lastgood/core/formats/formats.ts';
import picomatch from 'picomatch';
import { suggestion } from '../../settings/did-you-mean.ts';
import { schemaFlagOf, splitGlob } from '../../settings/schema-flag.ts';
import type { CheckSettings, FilesCheckSettings } from '../../settings/settings.ts';
import { shownValue } from '../../settings/wording.ts';
import type { ValidateRequest } from './flags.ts';

const NO_CHECK = {
  format: 'auto',
  strict: false,
  tags: [],
  schema: undefined,
  rules: [],
} as const;

const FORMATS: readonly FilesCheckSettings['format'][] = ['auto', ...FORMAT_NAMES];

/** The checks of the flags, or what is wrong with a flag. */
export function checksOfFlags(request: ValidateRequest): readonly CheckSettings[] | string {
  const { shape, strict } = request;
  const { schemas, rules, formats } = readGlobFlags(request);
  const checks: CheckSettings[] = shape === undefined ? [] : [{ shape }];
  for (const { files, value } of formats) {
    const format = FORMATS.find((each) => each === value);
    if (format === undefined)
      return `unknown format ${shownValue(value)}${suggestion(value, FORMATS)}`;
    checks.push({ ...NO_CHECK, files, format });
  }
  if (strict) checks.push({ ...NO_CHECK, files: '**', strict });
  for (const { files, value } of schemas) {
    const schema = { path: resolve(value), namedAt: { file: '--schema' } };
    checks.push({ ...NO_CHECK, files, schema });
  }
  for (const { files, value } of rules) {
    const namedAt = { file: `--rule ${shownValue(value)}` };
    const rule = { rule: value, message: undefined, namedAt, verbatim: false };
    checks.push({ ...NO_CHECK, files, rules: [rule] });
  }
  return checks;
}

/** A message for each flag that no file matches: its check would look as if it had passed. */
export function unusedFlags(
  request: ValidateRequest,
  paths: ReadonlySet<string>,
): readonly string[] {
  const isUsed = (glob: string) => {
    const matches = picomatch(glob.replace(/^\.\//, ''), { dot: true });
    return [...paths].some((path) => matches(path));
  };
  const guess = (glob: string) =>
    paths.size === 0
      ? ': the input has no file and no ConfigMap or Secret'
      : suggestion(glob, [...paths]);
  return Object.values(readGlobFlags(request))
    .flat()
    .filter(({ files }) => !isUsed(files))
    .map(({ flag, files }) => `${flag} matches no file${guess(files)}`);
}

/** The flags that a glob may limit to some files. */
function readGlobFlags({ schema, rule, format }: ValidateRequest) {
  // With a format for every file, every file can be checked with a schema or a rule.
  const all = format.some((each) => !each.includes('=')) ? '**' : PARSED_FILES;
  const read = (name: string, written: string, split: typeof splitGlob, otherwise = all) => {
    const { glob: files = otherwise, value } = split(written);
    return { flag: `--${name} ${written}`, files, value };
  };
  return {
    schemas: schema.map((each) => read('schema', each, schemaFlagOf)),
    rules: rule.map((each) => read('rule', each, globAndRule)),
    formats: format.map((each) => read('format', each, splitGlob, '**')),
  };
}

/**
 * `GLOB=RULE`, or a rule alone. Outside of texts, CEL has `=` only in `== != <= >=`, so that the
 * two cannot be confused. `self.a = 1` is meant as `==`: it counts as a rule, and is rejected as
 * one.
 */
function globAndRule(flag: string) {
  const { glob, value } =
    /^(?<glob>[^\s"'=]*[^\s"'=!<>])=(?!=)(?<value>.*)$/s.exec(flag)?.groups ?? {};
  if (glob === undefined || value === undefined || /\b(?:self|oldSelf)\b/.test(glob))
    return { glob: undefined, value: flag };
  return { glob, value };
}
