import { findConflictMarker, refused, refusedAsEmpty } from './document.ts';
import { FlatObjectBuilder, type Problems } from './flat-object.ts';
import type { Format, Parsed } from './format.ts';
import { dialectOf } from './ini-dialect.ts';
import { iniRefusedAt } from './ini-readers.ts';
import { type Line, linesOf } from './lines.ts';
import { dialectIssue, syntaxIssue } from './syntax-issues.ts';

/**
 * INI: `[section]`, then `key = value` or `key: value`; lines that start with `#` or `;` are comments,
 * and a line that is indented deeper than its key continues the value. Each section is an object of
 * texts. `[DEFAULT]` is a section like any other. A file with only comments is an object without keys.
 *
 * Python's configparser, PHP, systemd and git each accept what the others refuse: a repeated key or
 * section, a key without a value, keys before the first section. Those are warnings (P11), or nothing if
 * most files have them. A repeated key is a list of its values, and a repeated section one object.
 *
 * Source: docs.python.org/3/library/configparser.html; php.net, parse_ini_file; systemd.syntax(7);
 * git-config(1)
 */
export const ini: Format = {
  name: 'ini',
  extensions: ['.ini'],
  parse,
  refusedAt: iniRefusedAt,
};

function parse(text: string): Parsed {
  if (text.trim() === '') return refusedAsEmpty('INI');
  // Here almost any text is a key, even a conflict marker.
  if (findConflictMarker(text) !== undefined) return refused(text, []);
  const reader = new IniReader(text);
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
  /** A double quote that begins the value is still open. */
  isInQuotes: boolean;
}

/** `[name]`, perhaps with a comment after it. */
const SECTION = /^\[([^\]]*)\]\s*(?:[#;].*)?$/;

/** Before the first section, where other kinds of files would otherwise pass as INI. */
const PLAIN_KEY = /^[\w.-]+$/;
const PHP_NAME = /^[^=;&|^$~(){}!"[\]\0]+$/;
const PHP_KEY = /^[^=;&|^$~(){}!"[\]\0]+(?:\[[^\]]*\])?$/;
const NO_KEY = 'expected a key before the value';
const TEMPLATE = /^(?:\{\{|\{%|<%)/;
/** A key on the line of its section, as git allows it. */
const KEY_IN_LINE = /^\s*[\w-]+\s*=/;

class IniReader {
  readonly #text: string;
  readonly #problems: Problems = { issues: [], warnings: [] };
  readonly #sections = new Map<string, FlatObjectBuilder>();
  readonly #repeated: { readonly asList: string };
  readonly #top: FlatObjectBuilder;
  #section: FlatObjectBuilder;
  #open: Open | undefined;

  constructor(text: string) {
    this.#text = text;
    this.#repeated = {
      asList: `repeated key; ${dialectOf(text)} it, other readers refuse it or keep one value:`,
    };
    this.#top = new FlatObjectBuilder(this.#repeated, { problems: this.#problems });
    this.#section = this.#top;
  }

  read({ content, offset }: Line): void {
    const written = content.trim();
    const indent = content.length - content.trimStart().length;
    if (written === '') this.#open?.values.push('');
    else if (/^[#;]/.test(written)) return;
    else if (this.#open !== undefined && indent > this.#open.indent)
      continueValue(this.#open, written);
    else if (written.startsWith('[')) this.#readSection(written, offset + indent);
    else this.#readKey(written, indent, offset + indent);
  }

  end(): FlatObjectBuilder {
    this.#close();
    return this.#top;
  }

  #readSection(written: string, offset: number): void {
    this.#close();
    const name = SECTION.exec(written)?.[1] ?? /^\[([^\]]*)\]/.exec(written)?.[1];
    if (name === undefined) {
      // The keys below do not belong to the section above.
      this.#section = this.#builder(offset);
      this.#refuse('a section is not closed with ]', offset);
      return;
    }
    if (name.trim() === '') this.#warn('a section without a name', offset);
    this.#enterSection(name, offset);
    const end = written.indexOf(']') + 1;
    const rest = written.slice(end);
    if (SECTION.test(written)) return;
    this.#warn('unexpected text after the section', offset + end);
    if (KEY_IN_LINE.test(rest))
      this.#readKey(rest.trim(), 0, offset + written.length - rest.trimStart().length);
  }

  #enterSection(name: string, offset: number): void {
    const known = this.#sections.get(name);
    this.#section = known ?? this.#builder(offset);
    this.#sections.set(name, this.#section);
    if (known === undefined) this.#top.add(name, offset, this.#section.value, this.#section.node);
    else this.#warn('repeated section', offset);
  }

  #readKey(written: string, indent: number, keyOffset: number): void {
    const delimiter = written.search(/[=:]/);
    if (delimiter < 1 && this.#open?.isInQuotes) {
      continueValue(this.#open, written);
      this.#warn('a quoted value over several lines, which only PHP accepts', keyOffset);
      return;
    }
    this.#close();
    if (delimiter === 0) {
      // PHP reads a key of colons, and to Python and git a lone carriage return ends no line.
      const isRead = written.startsWith(':') || this.#text[keyOffset - indent - 1] === '\r';
      if (isRead) this.#warn(NO_KEY, keyOffset);
      else this.#refuse(NO_KEY, keyOffset);
      return;
    }
    const key = delimiter === -1 ? written : written.slice(0, delimiter).trimEnd();
    const isTop = this.#section === this.#top;
    if ((isTop && !(delimiter === -1 ? PHP_NAME : PHP_KEY).test(key)) || TEMPLATE.test(key)) {
      const wanted = delimiter === -1 ? '"=" or ":" after the key' : 'a [section] or a key';
      this.#refuse(`expected ${wanted}`, keyOffset);
      return;
    }
    if (delimiter === -1) this.#warn('a key without a value', keyOffset);
    else if (isTop && !PLAIN_KEY.test(key))
      this.#warn('an unusual key before the first section', keyOffset);
    const value = delimiter === -1 ? '' : written.slice(delimiter + 1).trimStart();
    const offset = keyOffset + written.length - value.length;
    const isInQuotes = value.startsWith('"') && hasOddQuotes(value);
    this.#open = { key, keyOffset, offset, indent, values: [value], isInQuotes };
  }

  #close(): void {
    if (this.#open === undefined) return;
    const { key, keyOffset, offset, values } = this.#open;
    this.#open = undefined;
    this.#section.addText(key, keyOffset, values.join('\n').trimEnd(), offset);
  }

  #builder(offset: number): FlatObjectBuilder {
    const fold = (key: string) => key.toLowerCase();
    return new FlatObjectBuilder(this.#repeated, { offset, problems: this.#problems, fold });
  }

  #refuse(message: string, offset: number): void {
    this.#problems.issues.push(syntaxIssue(message, offset));
  }

  #warn(message: string, offset: number): void {
    this.#problems.warnings.push(dialectIssue(message, offset));
  }
}

function continueValue(open: Open, written: string): void {
  open.values.push(written);
  if (hasOddQuotes(written)) open.isInQuotes = false;
}

function hasOddQuotes(text: string): boolean {
  return text.split('"').length % 2 === 0;
}
