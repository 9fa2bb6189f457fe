import { resolve } from 'node:path';
import { FORMAT_NAMES } from '@lastgood/core/formats/format.ts';
import { PARSED_FILES } from '@lastgood/core/formats/formats.ts';
import picomatch from 'picomatch';
import { suggestion } from '../../settings/did-you-mean.ts';
import { schemaFlagOf } from '../../settings/schema-flag.ts';
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
export function checksOfFlags({
  schema: schemas,
  rule: rules,
  format: formats,
  shape,
  strict,
}: ValidateRequest): readonly CheckSettings[] | string {
  const checks: CheckSettings[] = shape === undefined ? [] : [{ shape }];
  for (const { glob, value } of formats.map(globAndValue)) {
    const format = FORMATS.find((each) => each === value);
    if (format === undefined)
      return `unknown format ${shownValue(value)}${suggestion(value, FORMATS)}`;
    checks.push({ ...NO_CHECK, files: glob ?? '**', format });
  }
  if (strict) checks.push({ ...NO_CHECK, files: '**', strict });
  // With a format for every file, every file can be checked with a schema or a rule.
  const all = formats.some((each) => !each.includes('=')) ? '**' : PARSED_FILES;
  for (const { glob, file } of schemas.map(schemaFlagOf)) {
    const schema = { path: resolve(file), namedAt: { file: '--schema' } };
    checks.push({ ...NO_CHECK, files: glob ?? all, schema });
  }
  for (const { glob, value } of rules.map(globAndRule)) {
    const namedAt = { file: `--rule ${shownValue(value)}` };
    const rule = { rule: value, message: undefined, namedAt, verbatim: false };
    checks.push({ ...NO_CHECK, files: glob ?? all, rules: [rule] });
  }
  return checks;
}

/** A message for each flag that no file matches: its check would look as if it had passed. */
export function unusedFlags(
  { schema, rule, format }: ValidateRequest,
  paths: ReadonlySet<string>,
): readonly string[] {
  const isUsed = (glob: string) => {
    const matches = picomatch(glob.replace(/^\.\//, ''), { dot: true });
    return [...paths].some((path) => matches(path));
  };
  const parsed = format.some((each) => !each.includes('=')) ? '**' : PARSED_FILES;
  const flags = [
    ...schema.map((value) => ({ flag: '--schema', value, glob: schemaFlagOf(value).glob })),
    ...rule.map((value) => ({ flag: '--rule', value, glob: globAndRule(value).glob })),
    ...format.map((value) => ({ flag: '--format', value, glob: globAndValue(value).glob ?? '**' })),
  ];
  return flags
    .filter(({ glob = parsed }) => !isUsed(glob))
    .map(({ flag, value, glob }) => `${flag} ${value} matches no file${guess(glob, paths)}`);
}

function guess(glob: string | undefined, paths: ReadonlySet<string>): string {
  if (paths.size === 0) return ': the input has no file and no ConfigMap or Secret';
  return glob === undefined ? '' : suggestion(glob, [...paths]);
}

function globAndValue(flag: string) {
  const at = flag.indexOf('=');
  return { glob: at === -1 ? undefined : flag.slice(0, at), value: flag.slice(at + 1) };
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
