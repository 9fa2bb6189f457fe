import { accepted, refused } from './document.ts';
import { FlatObjectBuilder } from './flat-object.ts';
import type { Parsed, SyntaxIssue } from './format.ts';

/** One line, or one assignment of several, read. */
export interface Read {
  /** Where the next line begins. */
  readonly end: number;
  readonly complaint?: SyntaxIssue | undefined;
}

/** Reads a text of assignments, each into the table: all that is wrong with them, or one flat object. */
export function readAssignments(
  text: string,
  read: (text: string, offset: number, table: FlatObjectBuilder) => Read,
): Parsed {
  const table = new FlatObjectBuilder(0);
  const complaints: SyntaxIssue[] = [];
  for (let offset = 0; offset < text.length; ) {
    const { end, complaint } = read(text, offset, table);
    if (complaint !== undefined) complaints.push(complaint);
    offset = end;
  }
  if (complaints.length > 0) return refused(text, complaints);
  return accepted(text, table.value, () => table.place);
}
