import { isUtf8 } from 'node:buffer';
import { PYTHON_BLANK, stopOf } from './readers.ts';

// Each pattern is a section, a key, a comment or blanks, as one reader accepts it.

/** Source: git, config.c */
const GIT = sticky(
  {
    ESCAPE: String.raw`\\(?:\r?\n|[tbn\\"])`,
  },
  String.raw`\s+|[#;][^\n]*|\[(?:[A-Za-z\d.-]+|(?=\s))(?:\s+"(?:[^"\\\n]|\\[^\n])*")?\]`,
  String.raw`|[A-Za-z][A-Za-z\d-]*[ \t]*(?:(?=\r?\n|\r?$)`,
  String.raw`|=(?:[^"\\\n#;]|ESCAPE|"(?:[^"\\\n]|ESCAPE)*")*(?:[#;][^\n]*)?(?=\n|$))`,
);

/** Source: gopkg.in/ini.v1, parser.go */
const GO_INI = sticky(
  { TICK: '`' },
  String.raw`\s+|[#;][^\n]*|\[[^\n]+\][^\n]*`,
  String.raw`|(?:"[^"\n]+"[^=:\n]*|TICK[^TICK\n]+TICK[^=:\n]*|(?![\s"TICK[=:])[^=:\n]+)[=:](?:[ \t\r]*`,
  String.raw`(?:"""[^]*?"""[^\n]*|TICK[^TICK]*TICK[^\n]*|(?!"""|[ \t\rTICK])(?:[^\n]*\\[ \t\r]*\n)*[^\n]*))`,
);

// Each alternative begins with another character, so that no value is read twice: a backslash is one of them.
const PHP_PARTS = {
  // Blanks before a bracket are a key without a name, except after a tab or a section.
  SECTION: String.raw`(?<=^|[\r\n]|[\t\]] *)\[[^\]\r\n\0]*\]`,
  LABEL: String.raw`(?!BOOL *[=\r\n\t;&|^$~(){}!"])CHAR+(?!CHAR)`,
  OPERATOR: String.raw`(?:AFTER[~!(]|(?!AFTER)[&|^])[ \t]*(?=[\w"'~!(.-])`,
  AFTER: String.raw`(?<=[=(&|^~!][ \t]{0,9})`,
  OTHER: String.raw`(?!(?<=[^=\s][ \t]{1,9})BOOL[ \t]*[\r\n;])[^"\r\n;$=&|^~!(\0]`,
  BOOL: '(?:true|on|yes|false|off|none|no|null)',
  CHAR: String.raw`[^=\r\n\t;&|^$~(){}!"[]`,
};

const PHP = (value: string) =>
  sticky(
    {
      ELEMENT: String.raw`\[(?:"[^"]*"|[^"'\]\\\r\n;$])*\][ \t]*=VALUE`,
      VALUE: value,
      ...PHP_PARTS,
    },
    String.raw`[ \t\r\n]+|;[^\r\n]*|SECTION|(?<= )ELEMENT`,
    String.raw`|LABEL(?:ELEMENT|(?!\[)(?:[ \t]*=VALUE)?)`,
  );

/** In its two modes. Source: php-src, Zend/zend_ini_scanner.l and zend_ini_parser.y */
const PHP_RAW = PHP(String.raw`[^\r\n]*`);
const PHP_NORMAL = PHP(
  String.raw`(?![ \t]*'[^']*$)(?:[ \t]*'[^']*')?(?:OTHER|OPERATOR|"(?:[^"\\]|\\[^])*"|\$(?:\{[^}\r\n]*\}|\\[^]|(?![{\\])))*(?=[\r\n;]|$)`,
);

function sticky(parts: Readonly<Record<string, string>>, ...pattern: readonly string[]): RegExp {
  const source = Object.entries(parts).reduce(
    (text, [name, part]) => text.replaceAll(name, () => part),
    pattern.join(''),
  );
  return new RegExp(source, 'yi');
}

const PYTHON_BLANKS = new RegExp(String.raw`^(?:${PYTHON_BLANK}|\r)+`);

/**
 * Where configparser refuses a text if it allows keys without a value and repeated ones.
 *
 * Source: Python, Lib/configparser.py
 */
function configparserStop(text: string): number {
  let offset = 0;
  let keyIndent = 0;
  let inside: 'nothing' | 'section' | 'value' | 'bare key' = 'nothing';
  for (const line of text.split('\n')) {
    const written = line.replace(PYTHON_BLANKS, '');
    const indent = line.length - written.length;
    const isContinued = (inside === 'value' || inside === 'bare key') && indent > keyIndent;
    if (/^[^#;]/.test(written) && !(isContinued && inside === 'value')) {
      const isSection = /^\[.+\]/.test(written);
      if (isContinued || (!isSection && (inside === 'nothing' || /^[=:]/.test(written))))
        return offset;
      keyIndent = indent;
      inside = isSection ? 'section' : /[=:]/.test(written) ? 'value' : 'bare key';
    }
    offset += line.length + 1;
  }
  return text.length;
}

const BYTE_ORDER_MARK = Buffer.from('\uFEFF');

/** Where the reader that gets furthest refuses a file; undefined if one reads all of it. */
export function iniRefusedAt(text: string, bytes: Buffer): number | undefined {
  // configparser gets a text, in which a byte order mark is no blank.
  const isText = isUtf8(bytes) && !bytes.subarray(0, 3).equals(BYTE_ORDER_MARK);
  const stops = [GIT, GO_INI, PHP_RAW, PHP_NORMAL].map((pattern) => stopOf(pattern, text));
  if (isText) stops.push(configparserStop(text));
  const stop = Math.max(0, ...stops);
  return stop === text.length ? undefined : stop;
}
