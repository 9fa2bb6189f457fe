import type { BadInput } from './said.fixture.ts';

/** What people do to TOML. */
export const BAD_TOML: readonly BadInput[] = [
  ['toml', '', '1:1: holds no TOML value [LG_VALIDATE_EMPTY]'],
  ['toml', ' \n', '1:1: holds no TOML value [LG_VALIDATE_EMPTY]'],
  [
    'toml',
    'host = redis\n',
    '1:8: expected a value; text stands in quotes, true and false in lower case [LG_VALIDATE_SYNTAX]',
  ],
  [
    'toml',
    'host = "redis\nport = 1\n',
    '1:14: a quote is not closed on its line [LG_VALIDATE_SYNTAX]',
  ],
  [
    'toml',
    "motd = 'it's late'\n",
    '1:12: unexpected text after the end of the value [LG_VALIDATE_SYNTAX]',
  ],
  ['toml', 'motd = """hello\n', '1:8: a quote is not closed [LG_VALIDATE_SYNTAX]'],
  [
    'toml',
    'host = "redis"\nhost = "mysql"\n',
    '2:1: duplicate key "host" [LG_VALIDATE_DUPLICATE_KEY]',
  ],
  [
    'toml',
    '[redis]\nport = 1\n[redis]\nhost = "a"\n',
    '3:2: duplicate key "redis" [LG_VALIDATE_DUPLICATE_KEY]',
  ],
  [
    'toml',
    'redis.port = 1\n[redis]\nhost = "a"\n',
    '2:2: duplicate key "redis" [LG_VALIDATE_DUPLICATE_KEY]',
  ],
  [
    'toml',
    'port = 1\n[port.http]\nhost = "a"\n',
    '2:2: duplicate key "port.http" [LG_VALIDATE_DUPLICATE_KEY]',
  ],
  [
    'toml',
    'redis = {port = 1, port = 2}\n',
    '1:20: duplicate key "port" [LG_VALIDATE_DUPLICATE_KEY]',
  ],
  [
    'toml',
    'debug = True\n',
    '1:9: expected a value; text stands in quotes, true and false in lower case [LG_VALIDATE_SYNTAX]',
  ],
  [
    'toml',
    'debug = yes\n',
    '1:9: expected a value; text stands in quotes, true and false in lower case [LG_VALIDATE_SYNTAX]',
  ],
  [
    'toml',
    'host = null\n',
    '1:8: expected a value; text stands in quotes, true and false in lower case [LG_VALIDATE_SYNTAX]',
  ],
  [
    'toml',
    'host =\n',
    '1:7: expected a value; text stands in quotes, true and false in lower case [LG_VALIDATE_SYNTAX]',
  ],
  [
    'toml',
    'timeout = 30s\n',
    '1:13: not a number that TOML knows; put text in quotes [LG_VALIDATE_SYNTAX]',
  ],
  [
    'toml',
    'version = 1.2.3\n',
    '1:14: not a number that TOML knows; put text in quotes [LG_VALIDATE_SYNTAX]',
  ],
  [
    'toml',
    'port = 0080\n',
    '1:8: a number must not start with a zero; put text in quotes [LG_VALIDATE_SYNTAX]',
  ],
  [
    'toml',
    'rate = .5\n',
    '1:8: expected a value; text stands in quotes, true and false in lower case [LG_VALIDATE_SYNTAX]',
  ],
  ['toml', 'rate = 5.\n', '1:8: a number ends too early; put text in quotes [LG_VALIDATE_SYNTAX]'],
  [
    'toml',
    'size = 1__000\n',
    '1:10: an underscore in a number must stand between two digits [LG_VALIDATE_SYNTAX]',
  ],
  ['toml', 'mask = 0x\n', '1:10: a number ends too early; put text in quotes [LG_VALIDATE_SYNTAX]'],
  ['toml', 'port = 80,\n', '1:10: unexpected comma after a value [LG_VALIDATE_SYNTAX]'],
  [
    'toml',
    'path = "C:\\Users\\redis"\n',
    '1:13: a \\u or \\U needs the hexadecimal digits of a character; single quotes take a backslash as it is [LG_VALIDATE_SYNTAX]',
  ],
  [
    'toml',
    'path = "C:\\models"\n',
    '1:12: unknown escape sequence; single quotes take a backslash as it is [LG_VALIDATE_SYNTAX]',
  ],
  [
    'toml',
    'regex = "\\d+"\n',
    '1:11: unknown escape sequence; single quotes take a backslash as it is [LG_VALIDATE_SYNTAX]',
  ],
  [
    'toml',
    'motd = "\\uD800"\n',
    '1:9: a \\u or \\U needs the hexadecimal digits of a character; single quotes take a backslash as it is [LG_VALIDATE_SYNTAX]',
  ],
  [
    'toml',
    'motd = "\u0007"\n',
    '1:9: a control character in quotes must be written as an escape, such as \\u0000 [LG_VALIDATE_SYNTAX]',
  ],
  [
    'toml',
    'port = 80 # \u0007\n',
    '1:13: control characters are not allowed in comments [LG_VALIDATE_SYNTAX]',
  ],
  ['toml', 'port\n', '1:5: expected "=" after the key [LG_VALIDATE_SYNTAX]'],
  ['toml', '= 80\n', '1:1: a key, or a part of it, is missing [LG_VALIDATE_SYNTAX]'],
  ['toml', 'host: redis\n', '1:5: expected "=" after the key, not ":" [LG_VALIDATE_SYNTAX]'],
  [
    'toml',
    'cache size = 1\n',
    '1:7: a key may hold letters, digits, "_" and "-"; put any other in quotes [LG_VALIDATE_SYNTAX]',
  ],
  [
    'toml',
    'größe = 1\n',
    '1:3: a key may hold letters, digits, "_" and "-"; put any other in quotes [LG_VALIDATE_SYNTAX]',
  ],
  ['toml', '[redis\nport = 1\n', '1:7: a bracket is not closed [LG_VALIDATE_SYNTAX]'],
  [
    'toml',
    '[[redis]\nport = 1\n',
    '1:9: expected ]] after the name of a list of tables [LG_VALIDATE_SYNTAX]',
  ],
  ['toml', '[]\nport = 1\n', '1:2: a key, or a part of it, is missing [LG_VALIDATE_SYNTAX]'],
  ['toml', '[redis.]\nport = 1\n', '1:8: a key, or a part of it, is missing [LG_VALIDATE_SYNTAX]'],
  [
    'toml',
    'ports = [80, 443\nhost = "redis"\n',
    '2:1: expected a comma or a closing bracket [LG_VALIDATE_SYNTAX]',
  ],
  [
    'toml',
    'ports = [80 443]\n',
    '1:13: expected a comma or a closing bracket [LG_VALIDATE_SYNTAX]',
  ],
  [
    'toml',
    'redis = {port = 1\n',
    '2:1: expected a comma or a closing bracket [LG_VALIDATE_SYNTAX]',
  ],
  [
    'toml',
    'port = 80 host = "redis"\n',
    '1:11: unexpected text after the end of the value [LG_VALIDATE_SYNTAX]',
  ],
  [
    'toml',
    'host = “redis”\n',
    '1:8: expected a value; text stands in quotes, true and false in lower case; typographic quotes such as “ ” are no quotes [LG_VALIDATE_SYNTAX]',
  ],
  [
    'toml',
    'port = {{ .Values.port }}\n',
    '1:9: a key may hold letters, digits, "_" and "-"; put any other in quotes; a template such as {{ … }} was perhaps not filled in [LG_VALIDATE_SYNTAX]',
  ],
  [
    'toml',
    '{{- with .Values.redis }}\nport = 1\n',
    '1:1: a key may hold letters, digits, "_" and "-"; put any other in quotes; a template such as {{ … }} was perhaps not filled in [LG_VALIDATE_SYNTAX]',
  ],
  [
    'toml',
    '<<<<<<< HEAD\nport = 1\n=======\nport = 2\n>>>>>>> main\n',
    '1:1: a merge conflict was not resolved: git left <<<<<<< here [LG_VALIDATE_SYNTAX]',
  ],
  [
    'toml',
    'born = 1999-02-30\n',
    '1:8: not a date or time that TOML knows, such as 2026-01-31T08:00:00Z [LG_VALIDATE_SYNTAX]',
  ],
  [
    'toml',
    'born = 1999-13-01T10:20:30Z\n',
    '1:8: not a date or time that TOML knows, such as 2026-01-31T08:00:00Z [LG_VALIDATE_SYNTAX]',
  ],
  [
    'toml',
    'at = 25:00:00\n',
    '1:6: not a date or time that TOML knows, such as 2026-01-31T08:00:00Z [LG_VALIDATE_SYNTAX]',
  ],
  [
    'toml',
    'born = 01.02.1999\n',
    '1:8: a number must not start with a zero; put text in quotes [LG_VALIDATE_SYNTAX]',
  ],
  ['toml', '__proto__ = 1\n', '1:1: the key __proto__ is not allowed [LG_VALIDATE_RESERVED_KEY]'],
  [
    'toml',
    '[redis."\\u005f_proto__"]\nport = 1\n',
    '1:8: the key __proto__ is not allowed [LG_VALIDATE_RESERVED_KEY]',
  ],
  ['toml', '// cache\nport = 1\n', '1:1: a comment must start with # [LG_VALIDATE_SYNTAX]'],
  ['toml', '; cache\nport = 1\n', '1:1: a comment must start with # [LG_VALIDATE_SYNTAX]'],
  [
    'toml',
    'port = 80\r\nhost = redis\r\n',
    '2:8: expected a value; text stands in quotes, true and false in lower case [LG_VALIDATE_SYNTAX]',
  ],
  [
    'toml',
    '{"port": 80}\n',
    '1:1: a key may hold letters, digits, "_" and "-"; put any other in quotes [LG_VALIDATE_SYNTAX]',
  ],
  [
    'toml',
    '- redis\n',
    '1:3: a key may hold letters, digits, "_" and "-"; put any other in quotes [LG_VALIDATE_SYNTAX]',
  ],
  ['toml', '"""port""" = 1\n', '1:1: a key must stand on one line [LG_VALIDATE_SYNTAX]'],
  [
    'toml',
    'ports = [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\n',
    '1:109: values are nested deeper than 100 [LG_VALIDATE_TOO_DEEP]',
  ],
];
