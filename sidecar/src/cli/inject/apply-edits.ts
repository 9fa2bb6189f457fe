/** Replaces a part of a text. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** In the order of the text. What is added before a part that is removed comes first. */
export function inOrder<Each extends Edit>(edits: readonly Each[]): readonly Each[] {
  return edits.toSorted((a, b) => a.start - b.start || a.end - b.end);
}

/** Makes edits that do not overlap. */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  return placeEdits(text, edits).text;
}

/** Makes edits that do not overlap, and tells where the text of each is then. */
export function placeEdits(
  text: string,
  edits: readonly Edit[],
): { readonly text: string; readonly startOf: ReadonlyMap<Edit, number> } {
  const startOf = new Map<Edit, number>();
  const parts: string[] = [];
  let from = 0;
  let length = 0;
  for (const edit of inOrder(edits)) {
    parts.push(text.slice(from, edit.start), edit.text);
    length += edit.start - from;
    startOf.set(edit, length);
    length += edit.text.length;
    from = edit.end;
  }
  return { text: [...parts, text.slice(from)].join(''), startOf };
}
