/** Programs with a dialect of INI, and what only their files have. */
const DIALECTS: readonly (readonly [accept: string, pattern: RegExp])[] = [
  ['PHP accepts', /^[ \t]*(?:\[PHP\]|(?:zend_)?extension\s*=|[\w.-]+\[[^\]\r\n]*\]\s*=)/m],
  [
    'systemd accepts',
    /^\[(?:Unit|Service|Install|Socket|Timer|Mount|Path|Match|Link|Network|NetDev|Journal|Manager)\]/m,
  ],
  ['git accepts', /^\[[\w.-]+ "[^"\r\n]*"\]/m],
];

/** Who accepts a repeated key in a text, to go before "it": `PHP accepts`. */
export function dialectOf(text: string): string {
  const found = DIALECTS.find(([, pattern]) => pattern.test(text));
  return found?.[0] ?? 'PHP, systemd and git accept';
}
