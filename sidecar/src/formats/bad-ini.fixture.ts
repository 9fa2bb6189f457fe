import type { BadInput } from './said.fixture.ts';

/** What people do to INI and to .properties. */
export const BAD_INI: readonly BadInput[] = [
  ['ini', '', '1:1: holds no INI value [LG_VALIDATE_EMPTY]'],
  ['ini', '[redis\nhost = a\n', '1:1: a section is not closed with ] [LG_VALIDATE_SYNTAX]'],
  ['ini', '[redis]\nhost\n', '2:1: expected "=" or ":" after the key [LG_VALIDATE_SYNTAX]'],
  ['ini', '[redis]\nHost = a\nhost = b\n', '3:1: duplicate key "host" [LG_VALIDATE_DUPLICATE_KEY]'],
  [
    'ini',
    '[redis]\nport = 1\n[redis]\nhost = a\n',
    '3:1: duplicate key "redis" [LG_VALIDATE_DUPLICATE_KEY]',
  ],
  [
    'ini',
    'redis = 1\n[redis]\nport = 1\n',
    '2:1: duplicate key "redis" [LG_VALIDATE_DUPLICATE_KEY]',
  ],
  ['ini', '[]\nport = 1\n', '1:1: a section needs a name [LG_VALIDATE_SYNTAX]'],
  [
    'ini',
    '[redis] cache\nport = 1\n',
    '1:8: unexpected text after the section [LG_VALIDATE_SYNTAX]',
  ],
  ['ini', '= redis\n', '1:1: expected a key before the value [LG_VALIDATE_SYNTAX]'],
  ['ini', '// cache\n[redis]\n', '1:1: expected "=" or ":" after the key [LG_VALIDATE_SYNTAX]'],
  ['ini', '{"host": "redis"}\n', '1:1: expected a [section] or a key [LG_VALIDATE_SYNTAX]'],
  ['ini', '<redis host="a">\n', '1:1: expected a [section] or a key [LG_VALIDATE_SYNTAX]'],
  ['ini', 'redis host = a\n', '1:1: expected a [section] or a key [LG_VALIDATE_SYNTAX]'],
  ['ini', '- redis\n', '1:1: expected "=" or ":" after the key [LG_VALIDATE_SYNTAX]'],
  [
    'ini',
    '{{ .Values.redis }}\n',
    '1:1: expected "=" or ":" after the key; a template such as {{ … }} was perhaps not filled in [LG_VALIDATE_SYNTAX]',
  ],
  [
    'ini',
    'host = {{ .Values.host }}\n{{- end }}\n',
    '2:1: expected "=" or ":" after the key; a template such as {{ … }} was perhaps not filled in [LG_VALIDATE_SYNTAX]',
  ],
  [
    'ini',
    '<<<<<<< HEAD\n[redis]\n=======\n[mysql]\n>>>>>>> main\n',
    '1:1: a merge conflict was not resolved: git left <<<<<<< here [LG_VALIDATE_SYNTAX]',
  ],
  [
    'ini',
    '[redis]\n__proto__ = 1\n',
    '2:1: the key __proto__ is not allowed [LG_VALIDATE_RESERVED_KEY]',
  ],
  [
    'ini',
    '[redis]\r\nport = 1\r\nhost\r\n',
    '3:1: expected "=" or ":" after the key [LG_VALIDATE_SYNTAX]',
  ],
  [
    'ini',
    '[redis]\nhost redis\nport redis\n',
    '2:1: expected "=" or ":" after the key [LG_VALIDATE_SYNTAX]',
    '3:1: expected "=" or ":" after the key [LG_VALIDATE_SYNTAX]',
  ],
  ['properties', '', '1:1: holds no properties value [LG_VALIDATE_EMPTY]'],
  [
    'properties',
    'redis.host=a\nredis.host=b\n',
    '2:1: duplicate key "redis.host" [LG_VALIDATE_DUPLICATE_KEY]',
  ],
  [
    'properties',
    'redis.host=a\nredis.host: b\n',
    '2:1: duplicate key "redis.host" [LG_VALIDATE_DUPLICATE_KEY]',
  ],
  [
    'properties',
    'path=C:\\users\\redis\n',
    '1:8: a \\u needs four hexadecimal digits; write a backslash as \\\\ [LG_VALIDATE_SYNTAX]',
  ],
  [
    'properties',
    'motd=\\u00e\n',
    '1:6: a \\u needs four hexadecimal digits; write a backslash as \\\\ [LG_VALIDATE_SYNTAX]',
  ],
  [
    'properties',
    'motd=\\uXYZW\n',
    '1:6: a \\u needs four hexadecimal digits; write a backslash as \\\\ [LG_VALIDATE_SYNTAX]',
  ],
  ['properties', '=redis\n', '1:1: expected a key before the value [LG_VALIDATE_SYNTAX]'],
  ['properties', ': redis\n', '1:1: expected a key before the value [LG_VALIDATE_SYNTAX]'],
  [
    'properties',
    '__proto__=1\n',
    '1:1: the key __proto__ is not allowed [LG_VALIDATE_RESERVED_KEY]',
  ],
  [
    'properties',
    '\\u005f_proto__=1\n',
    '1:1: the key __proto__ is not allowed [LG_VALIDATE_RESERVED_KEY]',
  ],
  [
    'properties',
    'host=redis\n<<<<<<< HEAD\nport=1\n',
    '2:1: a merge conflict was not resolved: git left <<<<<<< here [LG_VALIDATE_SYNTAX]',
  ],
  [
    'properties',
    '<<<<<<< HEAD\nport=1\n=======\nport=2\n>>>>>>> main\n',
    '1:1: a merge conflict was not resolved: git left <<<<<<< here [LG_VALIDATE_SYNTAX]',
  ],
  ['properties', 'port=1\r\nport=2\r\n', '2:1: duplicate key "port" [LG_VALIDATE_DUPLICATE_KEY]'],
  [
    'properties',
    'host redis\nhost mysql\n',
    '2:1: duplicate key "host" [LG_VALIDATE_DUPLICATE_KEY]',
  ],
];
