import { fc } from '../../../../test/property.ts';

const HEX = '0123456789abcdef';
const UPPER = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const LOWER = UPPER.toLowerCase();
const ALPHANUMERIC = `${UPPER}${LOWER}0123456789`;
const URL_SAFE = `${ALPHANUMERIC}-_`;
const PUNCTUATED = `${ALPHANUMERIC}!@#$%^&*()-_=+[]{}:;,.?/~`;

function textOf(characters: string, minLength: number, maxLength = minLength) {
  return fc.string({ unit: fc.constantFrom(...characters), minLength, maxLength });
}

const bytes = fc.uint8Array({ minLength: 8, maxLength: 64 }).map((array) => Buffer.from(array));

/** What a password manager makes. */
export const GENERATED_PASSWORDS = textOf(PUNCTUATED, 10, 16);

/** Secrets as generators make them, by their kind: none of them is a mistake. */
export const TOKENS: Readonly<Record<string, fc.Arbitrary<string>>> = {
  hex: textOf(HEX, 8, 64),
  'hex of 32 and 64 digits': fc.oneof(textOf(HEX, 32), textOf(HEX, 64)),
  'upper-case hex': textOf(HEX.toUpperCase(), 16, 64),
  digits: textOf('0123456789', 4, 24),
  'lower-case letters': textOf(LOWER, 6, 32),
  'letters and digits': textOf(ALPHANUMERIC, 6, 64),
  'letters and digits in groups of four': textOf(ALPHANUMERIC, 2, 16).map((text) =>
    text.slice(0, text.length - (text.length % 4)).padEnd(8, 'aB3d'),
  ),
  'generated passwords': GENERATED_PASSWORDS,
  'base64 of random bytes': bytes.map((buffer) => buffer.toString('base64')),
  'base64url of random bytes': bytes.map((buffer) => buffer.toString('base64url')),
  'Fernet keys': bytes.map((buffer) =>
    Buffer.concat([buffer, buffer, buffer, buffer])
      .subarray(0, 32)
      .toString('base64url')
      .concat('='),
  ),
  UUIDs: fc.uuid(),
  JWTs: fc
    .tuple(textOf(URL_SAFE, 20, 80), textOf(URL_SAFE, 43))
    .map(([claims, signature]) => `eyJhbGciOiJIUzI1NiJ9.eyJ${claims}.${signature}`),
  'AWS access keys': textOf(`${UPPER}234567`, 16).map((text) => `AKIA${text}`),
  'AWS secret keys': textOf(`${ALPHANUMERIC}+/`, 40),
  'AWS session tokens': bytes.map((buffer) =>
    Buffer.concat([Buffer.from('\x21\n\torigin_ec\x10'), buffer]).toString('base64'),
  ),
  'bcrypt hashes': textOf(`${ALPHANUMERIC}./`, 53).map((text) => `$2b$12$${text}`),
  'tokens with a prefix': fc
    .tuple(
      fc.constantFrom('sk-', 'sk-proj-', 'hf_', 'ghp_', 'glpat-', 'xoxb-', 'hvs.'),
      textOf(URL_SAFE, 20, 60),
    )
    .map(([prefix, rest]) => prefix + rest),
  'API keys of Elasticsearch': fc
    .tuple(textOf(URL_SAFE, 20), textOf(URL_SAFE, 22))
    .map((parts) => Buffer.from(parts.join(':')).toString('base64')),
  'credentials of Basic': fc
    .tuple(textOf(LOWER, 3, 12), textOf(ALPHANUMERIC, 8, 30))
    .map((parts) => Buffer.from(parts.join(':')).toString('base64')),
  'keys of Grafana': textOf(ALPHANUMERIC, 32).map((text) =>
    Buffer.from(JSON.stringify({ k: text, n: 'ci', id: 1 })).toString('base64'),
  ),
};
