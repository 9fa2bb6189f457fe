import { isUtf8 } from 'node:buffer';
import { quote } from '@lastgood/core/model/quote.ts';
import { isEncodedTwice } from '../../../checks/secret-lint/encoded.ts';
import type { ConfigObject } from '../../manifests/config-object.ts';
import { textAt } from '../../manifests/objects.ts';
import type { Problem, Rule } from '../rule.ts';

export const encodedTwice: Rule = {
  code: 'LG_DOCTOR_ENCODED_TWICE',
  severity: 'warning',
  why: `The API server decodes \`data\` of a Secret once, and \`stringData\` not at all. What is left is still base64,
and the app uses that as its password. \`kubectl create secret\` encodes by itself.`,
  check: ({ configs }) =>
    configs.filter(({ secret }) => secret).flatMap((config) => problemsOf(config, isTwice)),
};

export const notEncoded: Rule = {
  code: 'LG_DOCTOR_NOT_ENCODED',
  severity: 'warning',
  why: `Many words are valid base64, such as \`password\`: the API server accepts them in \`data\` of a Secret and
decodes them to bytes that are not a text.`,
  check: ({ configs }) =>
    configs.filter(({ secret }) => secret).flatMap((config) => problemsOf(config, isPlain)),
};

/** A longer value is not a password. */
const MAX_BYTES = 4096;

type IsWrong = (key: string, written: string, bytes: Buffer) => boolean;

function problemsOf({ object, files }: ConfigObject, isWrong: IsWrong): Problem[] {
  return files.flatMap(({ file: { path, bytes } }) => {
    const field = ['stringData', 'data'].find((each) => textAt(object.value, [each, path]));
    const written = field && textAt(object.value, [field, path]);
    if (field === undefined || written === undefined || bytes.length > MAX_BYTES) return [];
    if (!isWrong(path, field === 'data' ? written : '', bytes)) return [];
    return { object, at: [field, path], args: [quote(path)] };
  });
}

function isTwice(key: string, _: string, bytes: Buffer): boolean {
  return isUtf8(bytes) && isEncodedTwice(key, bytes.toString('utf8').trim());
}

/** Random bytes have capital letters in base64; a word in small letters hardly decodes to a text. */
function isPlain(_: string, written: string, bytes: Buffer): boolean {
  const isWord = /^[a-z][a-z0-9]+(?:[-_][a-z0-9]+)*$/.test(written);
  return isWord && !/^[\t\n\r -~]*$/.test(bytes.toString('latin1'));
}
