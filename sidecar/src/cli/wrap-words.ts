/**
 * Breaks a text into lines of at most `width`, whatever line breaks it has. Only a word that is
 * longer makes a longer line.
 */
export function wrapWords(text: string, width: number): readonly string[] {
  const words = text.replaceAll(/\s+/g, ' ');
  return words.match(new RegExp(`(?:\\S.{0,${width - 1}}|\\S+)(?=\\s|$)`, 'g')) ?? [];
}
