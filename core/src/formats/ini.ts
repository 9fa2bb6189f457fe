import { refusedAsEmpty } from './document.ts';
import { FlatObjectBuilder } from './flat-object.ts';
import type { Format, Parsed } from './format.ts';
import { type Line, linesOf } from './lines.ts';
import { syntaxIssue } from './syntax-issues.ts';

/**
 * INI as Python's configparser reads it: `[section]`, then `key = value` or `key: value`; lines that
 * start with `#` or `;` are comments, and a line that is indented deeper than its key continues the
 * value. Each section is an object of texts. A duplicate section is an issue, and so is a duplicate
 * key in a section, whatever its case: to configparser `Port` and `port` are the same.
 *
 * Unlike there, a key may come before the first section, as in a `grafana.ini`: it becomes a key of the
 * top. `[DEFAULT]` is a section like any other. A file with only comments is an object without keys.
 *
 * Source: docs.python.org/3/library/configparser.html
 */
export const ini: Format = { name: 'ini', extensions: ['.ini'], parse };

function parse(text: string): Parsed {
  if (text.trim() === '') return refusedAsEmpty('INI');
  const reader = new IniReader();
  for (const line of linesOf(text)) reader.read(line);
  return reader.end().parsed(text);
}

/** A key whose value may continue on the next line. */
interface Open {
  readonly key: string;
  readonly keyOffset: number;
  readonly offset: number;
  readonly indent: number;
  readonly values: string[];
}

/** `[name]`, perhaps with a comment after it. */
const SECTION = /^\[([^\]]*)\]\s*(?:[#;].*)?$/;

/** Before the first section, where other kinds of files would otherwise pass as INI. */
const PLAIN_KEY = /^[\w.-]+$/;

class IniReader {
  readonly #top = new FlatObjectBuilder();
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

  end(): FlatObjectBuilder {
    this.#close();
    return this.#top;
  }

  #readSection(written: string, offset: number): void {
    // Even if its name is broken, the keys below do not belong to the section above.
    this.#section = new FlatObjectBuilder(offset, this.#top.issues, (key) => key.toLowerCase());
    const name = SECTION.exec(written)?.[1];
    const close = written.indexOf(']');
    if (close === -1) this.#refuse('a section is not closed with ]', offset);
    else if (name === undefined)
      this.#refuse('unexpected text after the section', offset + close + 1);
    else if (name.trim() === '') this.#refuse('a section needs a name', offset);
    else this.#top.add(name, offset, this.#section.value, this.#section.node);
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
    this.#section.addText(key, keyOffset, values.join('\n').trimEnd(), offset);
  }

  #refuse(message: string, offset: number): void {
    this.#top.issues.push(syntaxIssue(message, offset));
  }
}
