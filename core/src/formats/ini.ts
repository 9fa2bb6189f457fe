import { accepted, refused, refusedAsEmpty } from './document.ts';
import { FlatObjectBuilder } from './flat-object.ts';
import type { Format, Parsed, SyntaxIssue } from './format.ts';
import { type Line, linesOf } from './lines.ts';
import { syntax } from './syntax-issue.ts';

/**
 * INI as Python's configparser reads it: `[section]`, then `key = value` or `key: value`; lines that
 * start with `#` or `;` are comments, and a line that is indented deeper than its key goes on with
 * the value. One object a section, of texts. A section twice is a problem, and so is a key twice in
 * its section, whatever its case: configparser does not tell `Port` from `port`.
 *
 * Unlike there, a key may stand above the first section, as in a `grafana.ini`: it becomes one of the
 * top. `[DEFAULT]` is a section like any other. A file of comments alone is an object without keys.
 *
 * Source: docs.python.org/3/library/configparser.html
 */
export const ini: Format = { name: 'ini', extensions: ['.ini'], parse };

function parse(text: string): Parsed {
  if (text.trim() === '') return refusedAsEmpty('INI');
  const reader = new IniReader();
  for (const line of linesOf(text)) reader.read(line);
  const { top, complaints } = reader.end();
  if (complaints.length > 0) return refused(text, complaints);
  return accepted(text, top.value, () => top.place);
}

/** A key whose value may go on in the next line. */
interface Open {
  readonly key: string;
  readonly keyOffset: number;
  readonly offset: number;
  readonly indent: number;
  readonly values: string[];
}

/** `[name]`, and a comment after it at most. */
const SECTION = /^\[([^\]]*)\]\s*(?:[#;].*)?$/;

/** Above the first section, where some other kind of file would else pass for INI. */
const PLAIN_KEY = /^[\w.-]+$/;

class IniReader {
  readonly #top = new FlatObjectBuilder(0);
  readonly #complaints: SyntaxIssue[] = [];
  #section: FlatObjectBuilder = this.#top;
  #open: Open | undefined;

  read({ content, offset }: Line): void {
    const written = content.trim();
    const indent = content.length - content.trimStart().length;
    if (written === '') this.#open?.values.push('');
    else if (/^[#;]/.test(written)) return;
    else if (this.#open !== undefined && indent > this.#open.indent)
      this.#open.values.push(written);
    else {
      this.#close();
      if (written.startsWith('[')) this.#readSection(written, offset + indent);
      else this.#readKey(written, indent, offset + indent);
    }
  }

  end(): { readonly top: FlatObjectBuilder; readonly complaints: readonly SyntaxIssue[] } {
    this.#close();
    return { top: this.#top, complaints: this.#complaints };
  }

  #readSection(written: string, offset: number): void {
    // Also when its name cannot be read, what follows is not the section above.
    this.#section = new FlatObjectBuilder(offset, (key) => key.toLowerCase());
    const name = SECTION.exec(written)?.[1];
    const close = written.indexOf(']');
    if (close === -1) this.#refuse('a section is not closed with ]', offset);
    else if (name === undefined)
      this.#refuse('unexpected text after the section', offset + close + 1);
    else if (name.trim() === '') this.#refuse('a section needs a name', offset);
    else {
      const { value, place } = this.#section;
      this.#complain(this.#top.add(name, offset, value, place));
    }
  }

  #readKey(written: string, indent: number, keyOffset: number): void {
    const delimiter = written.search(/[=:]/);
    if (delimiter === -1) this.#refuse('expected "=" or ":" after the key', keyOffset);
    else if (delimiter === 0) this.#refuse('expected a key before the value', keyOffset);
    else {
      const key = written.slice(0, delimiter).trimEnd();
      if (this.#section === this.#top && !PLAIN_KEY.test(key))
        this.#refuse('expected a [section] or a key', keyOffset);
      const value = written.slice(delimiter + 1).trimStart();
      const offset = keyOffset + written.length - value.length;
      this.#open = { key, keyOffset, offset, indent, values: [value] };
    }
  }

  #close(): void {
    if (this.#open === undefined) return;
    const { key, keyOffset, offset, values } = this.#open;
    this.#open = undefined;
    this.#complain(this.#section.addText(key, keyOffset, values.join('\n').trimEnd(), offset));
  }

  #refuse(message: string, offset: number): void {
    this.#complaints.push(syntax(message, offset));
  }

  #complain(complaint: SyntaxIssue | undefined): void {
    if (complaint !== undefined) this.#complaints.push(complaint);
  }
}
