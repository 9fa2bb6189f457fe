import { distance } from 'fastest-levenshtein';

/** A longer word is not a typing mistake, and the cost of the distance grows with the square. */
const MAX_LENGTH = 64;

/** The candidate that was probably meant, by edit distance, or undefined if none is near. */
export function didYouMean(word: string, candidates: readonly string[]): string | undefined {
  if (word.length > MAX_LENGTH) return undefined;
  return candidates
    .map((candidate) => ({ candidate, edits: editsBetween(folded(word), folded(candidate)) }))
    .filter(
      ({ candidate, edits }) => edits <= Math.max(1, Math.floor(folded(candidate).length / 3)),
    )
    .sort((a, b) => a.edits - b.edits)[0]?.candidate;
}

/** Of two shorter names, one letter makes another word: `cpu`, `gpu`. */
const MIN_LENGTH = 4;

/** Whether one typing mistake, or another way to join words, is all that differs between two names. */
export function isMisspelling(name: string, other: string): boolean {
  const [one, two] = [folded(name), folded(other)];
  if (one.length > MAX_LENGTH || Math.min(one.length, two.length) < MIN_LENGTH) return false;
  // `replicas_2` and `replicas_3` are two names.
  return one.replaceAll(/\D/g, '') === two.replaceAll(/\D/g, '') && editsBetween(one, two) <= 1;
}

/** Two swapped letters (`ngnix`) are one typing mistake, but two edits. */
function editsBetween(word: string, candidate: string): number {
  const at = [...candidate].findIndex((letter, index) => letter !== word[index]);
  const swapped = [word.slice(0, at), word[at + 1], word[at], word.slice(at + 2)].join('');
  return at !== -1 && swapped === candidate ? 1 : distance(word, candidate);
}

/** So that `state_dir` and `StateDir` are near to `stateDir`. */
function folded(word: string): string {
  return word.toLowerCase().replaceAll(/[-_]/g, '');
}

/** The end of a message about an unknown word: `, did you mean "webhook"?`, or nothing. */
export function suggestion(word: string, candidates: readonly string[]): string {
  const meant = didYouMean(word, candidates);
  return meant === undefined ? '' : `, did you mean "${meant}"?`;
}
