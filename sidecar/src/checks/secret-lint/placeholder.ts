/** Words for a secret in names. */
const SECRET = '(?:key|token|secret|password|passwd|pass|pwd|credentials?)s?';
/** Words for a setting in names. */
const SETTING = `(?:${SECRET}|id|user|username|name|value|url|uri|host|domain|email|account|bucket|project|region|dsn)`;
const WORDS = '(?:[a-z0-9]+[-_ ])*';

/** A whole value that must be replaced. A real value may contain such a word. */
const PLACEHOLDERS: readonly RegExp[] = [
  /^change[-_ ]?(?:me|this)(?:[-_ ][a-z]+)*[!.\d]{0,4}$/i,
  /^(?:please[-_ ])?(?:replace|set|fill|edit|insert|enter|put|add|update)[-_ ]?(?:me|this|your|with)(?:[-_ ][a-z0-9]+)*$/i,
  RegExp(`^your[-_ ]?${WORDS}${SETTING}$`, 'i'),
  RegExp(`^${WORDS}${SETTING}[-_ ]here$`, 'i'),
  RegExp(`^(?:example|dummy|sample|fake)[-_ ]${WORDS}${SECRET}$`, 'i'),
  RegExp(`^(?:example|${WORDS}placeholder)$`, 'i'),
  /^(?:TODO|FIXME|TBD)(?:[:(\s].*)?$/,
  // `<password>`, also inside of a URL.
  /^<[^<>]+>$/,
  /:\/\/\S*<[\w -]+>/,
  // `xxx`, `sk-xxxx`, `AKIAXXXXXXXX`, `xxxx-xxxx`, `***`.
  /^(?:x{3,}|\*{3,}|\?{3,})$/i,
  /^[a-z]{2,8}[-_]x{3,}$/i,
  /^x{3,}(?:[-_.]x{3,})+$/i,
  /x{6,}$/i,
  // `...`, `sk-...`, `AKIA...`, `eyJrIjoi...`, `https://hooks.example.com/services/...`.
  /^(?:\S*[-_]|\w+:\/\/\S*\/|(?:AKIA|ASIA|AIza|eyJ)\S*)?(?:\.{3,}|\u2026)$/,
  /^(?:sk|pk|hf|gh[a-z]|xox[a-z]|glpat)[-_](?:\.{3,}|\u2026)/,
  // The keys of Amazon's own manuals.
  /^[A-Za-z0-9/+]{10,}EXAMPLE(?:KEY)?$/,
];

/** Only for a secret: a setting may be the name of a variable. */
const NAME_OF_SECRET = RegExp(`^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*_${SECRET.toUpperCase()}$`);

/** Templates of Helm, shells, Ansible and the like that were not rendered. */
const TEMPLATES: readonly RegExp[] = [
  /\{\{.*\}\}/s,
  /\{%.*%\}/s,
  /\$\{[A-Za-z_][\w.]*(?::[^}]*)?\}/,
  /^\$\([A-Za-z_]\w*\)$/,
  /^\$[A-Z_][A-Z0-9_]{2,}$/,
  /^%[A-Z_][A-Z0-9_]+%$/,
  /^__[A-Z][A-Z0-9_]*__$/,
];

/** A longer value is not a placeholder. Bounds the patterns, some of which take the square of its length. */
const MAX_LENGTH = 512;

/** The password in a URL. */
const PASSWORD = /^[a-z][a-z0-9+.-]*:\/\/[^\s/:@]*:([^\s/@]+)@/i;

/** The message for a placeholder value, or undefined if it is not one. Never contains the value. */
export function placeholderIn(value: string, secret: boolean): string | undefined {
  if (value.length > MAX_LENGTH) return undefined;
  if (TEMPLATES.some((pattern) => pattern.test(value)))
    return 'has a template that was not rendered';
  if (/^ENC\[\w+,data:/.test(value)) return 'is still encrypted by SOPS';
  const parts = [value, PASSWORD.exec(value)?.[1] ?? value];
  return parts.some((part) => isPlaceholder(part, secret))
    ? 'is a placeholder; replace it with the real value'
    : undefined;
}

function isPlaceholder(value: string, secret: boolean): boolean {
  if (PLACEHOLDERS.some((pattern) => pattern.test(value))) return true;
  return secret && NAME_OF_SECRET.test(value);
}
