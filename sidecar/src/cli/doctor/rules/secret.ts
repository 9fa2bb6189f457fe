import { quote } from '@lastgood/core/model/quote.ts';
import { placeholderIn } from '../../../checks/secret-lint/placeholder.ts';
import { itemsAt, textAt } from '../../manifests/objects.ts';
import type { Container } from '../../manifests/pods.ts';
import type { Problem, Rule } from '../rule.ts';

export const secret: Rule = {
  code: 'LG_DOCTOR_SECRET',
  severity: 'warning',
  why: `Everyone who may read the pod sees it: in Git, in \`kubectl describe\`, in the list of processes. A change of
it needs a new pod. The report never shows the value.`,
  check: ({ pods, configs }) => [
    ...pods
      .flatMap(({ containers }) => containers)
      .flatMap((each) => [...inVariables(each), ...inWords(each)]),
    ...configs
      .filter((config) => !config.secret)
      .flatMap(({ object, files }) =>
        files.flatMap(({ file: { path, bytes } }) =>
          isSecret(path, bytes.toString('utf8'))
            ? problem(object, ['data', path], `the key ${quote(path)}`, bytes.toString('utf8'))
            : [],
        ),
      ),
  ],
};

/** Names of a secret, and not of a file, a setting or the name of one. */
const SECRET_NAME =
  /(?:^|[-_.])(?:password|passwd|passphrase|token|api[-_]?key|access[-_]?key|secret[-_]?key|private[-_]?key|client[-_]?secret)$/i;

/** A template, a path, a switch, a number, a duration or a token of a language model is not a secret. */
const NOT_SECRET =
  /^(?:\s*|@?\/.*|true|false|yes|no|on|off|enabled|disabled|none|null|\d+(?:\.\d+)?(?:[num]?s|[mhd])?|\[[A-Z_]+\]|<.*>|.*\{\{.*|.*\$[({A-Za-z_].*)$/is;

/** Where a tool finds the secret: bank-vaults, vals and 1Password. */
const REFERENCE = /^(?:vault:|ref\+[a-z0-9]+:\/\/|op:\/\/|arn:aws:)/;

/** The name of a secret in its place. */
const NAME = /(?:KEY|TOKEN|PASSWORD|SECRET)$/;

/** A longer value is a file. Bounds the pattern, which takes the square of its length. */
const MAX_LENGTH = 4096;

const PASSWORD_IN_URL = /\b[a-z][a-z0-9+.-]*:\/\/[^\s/:@]*:([^\s/@]+)@/i;
const PRIVATE_KEY = /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----/;

function isSecret(name: string, value: string): boolean {
  if (PRIVATE_KEY.test(value)) return true;
  if (value.length > MAX_LENGTH) return false;
  const password = PASSWORD_IN_URL.exec(value)?.[1];
  if (password !== undefined && isValue(password)) return true;
  // `API_KEY_VAL` of a template is a placeholder.
  return SECRET_NAME.test(name) && isValue(value) && !value.includes(name);
}

function isValue(text: string): boolean {
  return (
    ![NOT_SECRET, REFERENCE, NAME].some((each) => each.test(text)) &&
    placeholderIn(text, true) === undefined
  );
}

function inVariables({ pod, name, at }: Container): Problem[] {
  const root = pod.object.value;
  return itemsAt(root, [...at, 'env']).flatMap(({ value, pointer }) => {
    const variable = textAt(value, ['name']) ?? '';
    const text = textAt(value, ['value']) ?? '';
    if (!isSecret(variable, text)) return [];
    const shown = `the variable ${quote(variable)} of the container ${quote(name)}`;
    return problem(pod.object, [...pointer, 'value'], shown, text);
  });
}

function inWords({ pod, name, words }: Container): Problem[] {
  return words.flatMap(({ text, at }, index) => {
    const [, flag, joined] = /^--?([\w.-]+)=(.*)$/s.exec(text) ?? [];
    const previous = /^--([\w.-]+)$/.exec(words[index - 1]?.text ?? '')?.[1];
    if (!isSecret(flag ?? previous ?? '', joined ?? text)) return [];
    const of = flag ?? previous;
    const what = of === undefined ? 'an argument' : `the flag --${of}`;
    return problem(pod.object, at, `${what} of the container ${quote(name)}`, text);
  });
}

/** A block of lines starts below the place of its value. */
function problem(
  object: Problem['object'],
  at: Problem['at'],
  shown: string,
  value: string,
): Problem[] {
  return [{ object, at, args: [shown], secretLines: value.split('\n').length + 1 }];
}
