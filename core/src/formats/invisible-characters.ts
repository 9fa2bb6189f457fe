/** Characters that a person takes for a blank or does not see, and that are text to a parser. */
const NAMES: Readonly<Record<string, string>> = {
  '\u00a0': 'no-break space',
  '\u00ad': 'soft hyphen',
  '\u200b': 'zero-width space',
  '\u200c': 'zero-width non-joiner',
  '\u200d': 'zero-width joiner',
  '\u200e': 'left-to-right mark',
  '\u200f': 'right-to-left mark',
  '\u202f': 'narrow no-break space',
  '\u2060': 'word joiner',
  '\u3000': 'ideographic space',
  '\ufeff': 'byte order mark',
};

/** Escaped: one such character in a regular expression doubles the memory that the built file takes. */
export const MISTAKABLE = /[\u00a0\u00ad\u2000-\u200f\u202f\u205f\u2060\u3000\ufeff]/;

/** `a no-break space (U+00A0)` */
export function nameCharacter(character: string): string {
  const code = character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0');
  return `${/^i/.test(NAMES[character] ?? '') ? 'an' : 'a'} ${NAMES[character] ?? 'wide space'} (U+${code})`;
}
