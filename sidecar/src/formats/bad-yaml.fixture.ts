import type { BadInput } from './said.fixture.ts';

/** What people do to YAML. */
export const BAD_YAML: readonly BadInput[] = [
  ['yaml', '', '1:1: holds no YAML value [LG_VALIDATE_EMPTY]'],
  ['yaml', '# model: resnet\n', '1:1: holds no YAML value [LG_VALIDATE_EMPTY]'],
  [
    'yaml',
    'model:\n\tname: resnet\n',
    '2:1: tab characters must not be used in indentation [LG_VALIDATE_SYNTAX]',
  ],
  [
    'yaml',
    'model:\n  name: resnet\n size: 3\n',
    '3:2: bad indentation of a mapping entry, or text after the end of a value [LG_VALIDATE_SYNTAX]',
  ],
  [
    'yaml',
    'model:\n  name: resnet\n   size: 3\n',
    '3:8: bad indentation of a mapping entry, or a value that holds ": " and needs quotes [LG_VALIDATE_SYNTAX]',
  ],
  [
    'yaml',
    'model:\n  - resnet\n - bert\n',
    '3:2: bad indentation of a mapping entry, or text after the end of a value [LG_VALIDATE_SYNTAX]',
  ],
  [
    'yaml',
    'url: http://redis: 6379\n',
    '1:18: bad indentation of a mapping entry, or a value that holds ": " and needs quotes [LG_VALIDATE_SYNTAX]',
  ],
  [
    'yaml',
    'motd: hello: world\n',
    '1:12: bad indentation of a mapping entry, or a value that holds ": " and needs quotes [LG_VALIDATE_SYNTAX]',
  ],
  [
    'yaml',
    'name: "resnet\nsize: 3\n',
    '2:1: indented too little, or a quote or bracket above is not closed [LG_VALIDATE_SYNTAX]',
  ],
  [
    'yaml',
    "motd: 'it's late'\n",
    '1:11: bad indentation of a mapping entry, or text after the end of a value [LG_VALIDATE_SYNTAX]',
  ],
  [
    'yaml',
    'motd: "resnet" bert\n',
    '1:16: bad indentation of a mapping entry, or text after the end of a value [LG_VALIDATE_SYNTAX]',
  ],
  [
    'yaml',
    'ports: [80, 443\nhost: redis\n',
    '2:1: indented too little, or a quote or bracket above is not closed [LG_VALIDATE_SYNTAX]',
  ],
  [
    'yaml',
    'limits: {cpu: 1\n',
    '2:1: indented too little, or a quote or bracket above is not closed [LG_VALIDATE_SYNTAX]',
  ],
  [
    'yaml',
    'limits: {cpu: 1 memory: 2}\n',
    '1:23: missing comma between entries in brackets [LG_VALIDATE_SYNTAX]',
  ],
  ['yaml', 'port: 80\nredis\n', '3:1: expected ": " after a key [LG_VALIDATE_SYNTAX]'],
  [
    'yaml',
    'port:80\nhost: redis\n',
    '2:5: does not fit what stands above it: a key without ": ", or a list beside a mapping [LG_VALIDATE_SYNTAX]',
  ],
  [
    'yaml',
    '- resnet\nhost: redis\n',
    '2:1: does not fit what stands above it: a key without ": ", or a list beside a mapping [LG_VALIDATE_SYNTAX]',
  ],
  ['yaml', 'host: redis\nhost: mysql\n', '2:1: duplicate key "host" [LG_VALIDATE_DUPLICATE_KEY]'],
  [
    'yaml',
    'redis:\n  host: a\n  port: 1\n  host: b\n',
    '4:3: duplicate key "host" [LG_VALIDATE_DUPLICATE_KEY]',
  ],
  [
    'yaml',
    'schedule: */15 * * * *\n',
    '1:16: bad indentation of a mapping entry, or a value that starts with * and needs quotes [LG_VALIDATE_SYNTAX]',
  ],
  [
    'yaml',
    'image: {{ .Values.image }}\n',
    '1:9: a key must not be a list or mapping; a template such as {{ … }} was perhaps not filled in [LG_VALIDATE_SYNTAX]',
  ],
  [
    'yaml',
    '{{- if .Values.debug }}\ndebug: 1\n{{- end }}\n',
    '1:3: missing comma between entries in brackets; a template such as {{ … }} was perhaps not filled in [LG_VALIDATE_SYNTAX]',
  ],
  [
    'yaml',
    '{{ include "chart.labels" . }}\n',
    '1:2: a key must not be a list or mapping; a template such as {{ … }} was perhaps not filled in [LG_VALIDATE_SYNTAX]',
  ],
  [
    'yaml',
    'host: redis\n<<<<<<< HEAD\nport: 1\n=======\nport: 2\n>>>>>>> main\n',
    '2:1: a merge conflict was not resolved: git left <<<<<<< here [LG_VALIDATE_SYNTAX]',
  ],
  [
    'yaml',
    'user: @admin\n',
    '1:7: bad indentation of a mapping entry, or a value that starts with @, ` or % and needs quotes [LG_VALIDATE_SYNTAX]',
  ],
  [
    'yaml',
    'shell: `hostname`\n',
    '1:8: bad indentation of a mapping entry, or a value that starts with @, ` or % and needs quotes [LG_VALIDATE_SYNTAX]',
  ],
  [
    'yaml',
    'rate: %d\n',
    '1:7: bad indentation of a mapping entry, or a value that starts with @, ` or % and needs quotes [LG_VALIDATE_SYNTAX]',
  ],
  ['yaml', 'glob: *.resnet\n', '1:7: unknown alias ".resnet" [LG_VALIDATE_SYNTAX]'],
  ['yaml', 'base: &resnet 1\nmodel: *bert\n', '2:8: unknown alias "bert" [LG_VALIDATE_SYNTAX]'],
  [
    'yaml',
    'path: "C:\\models"\n',
    '1:11: unknown escape sequence; single quotes take a backslash as it is [LG_VALIDATE_SYNTAX]',
  ],
  ['yaml', 'password: !vault hunter2\n', '1:11: unknown tag !vault [LG_VALIDATE_SYNTAX]'],
  [
    'yaml',
    'load: !!python/object:os.system {}\n',
    '1:7: unknown tag !!python/object:os.system [LG_VALIDATE_SYNTAX]',
  ],
  [
    'yaml',
    'host: redis\r\nmotd: "hello\r\nport: 1\r\n',
    '3:1: indented too little, or a quote or bracket above is not closed [LG_VALIDATE_SYNTAX]',
  ],
  [
    'yaml',
    'host: redis\n---\nport: : 2\n',
    '3:7: bad indentation of a mapping entry, or a value that holds ": " and needs quotes [LG_VALIDATE_SYNTAX]',
  ],
  [
    'yaml',
    'host: redis\n}\n',
    '2:1: does not fit what stands above it: a key without ": ", or a list beside a mapping [LG_VALIDATE_SYNTAX]',
  ],
  [
    'yaml',
    '{"host": "redis",, "port": 1}',
    '1:18: expected a value, but found a comma [LG_VALIDATE_SYNTAX]',
  ],
  ['yaml', '{"host": "redis"', '1:17: a bracket is not closed [LG_VALIDATE_SYNTAX]'],
  [
    'yaml',
    '__proto__: {admin: true}\n',
    '1:1: the key __proto__ is not allowed [LG_VALIDATE_RESERVED_KEY]',
  ],
  ['yaml', 'motd: |\nhello\n', '3:1: expected ": " after a key [LG_VALIDATE_SYNTAX]'],
  [
    'yaml',
    'motd: >hello\n  world\n',
    '1:8: the text of a block must begin on the next line [LG_VALIDATE_SYNTAX]',
  ],
  [
    'yaml',
    'host: redis # cache\n  port: 1\n',
    '2:3: bad indentation of a mapping entry, or text after the end of a value [LG_VALIDATE_SYNTAX]',
  ],
  [
    'yaml',
    '%YAML 1.2\nhost: redis\n',
    '2:1: a line that starts with % must be followed by --- [LG_VALIDATE_SYNTAX]',
  ],
  [
    'yaml',
    'motd: "\u0007"\n',
    '1:8: control characters are not allowed in quotes [LG_VALIDATE_SYNTAX]',
  ],
  [
    'yaml',
    'motd: hello\u0000\n',
    '1:12: holds a null byte; it may be a binary file [LG_VALIDATE_SYNTAX]',
  ],
  ['yaml', '[redis, mysql]: 1\n', '1:1: a key must not be a list or mapping [LG_VALIDATE_SYNTAX]'],
  [
    'yaml',
    'motd: “hello: world”\n',
    '1:13: bad indentation of a mapping entry, or a value that holds ": " and needs quotes; typographic quotes such as “ ” are no quotes [LG_VALIDATE_SYNTAX]',
  ],
  [
    'yaml',
    'hosts: - redis\n',
    '1:8: bad indentation of a mapping entry, or text after the end of a value [LG_VALIDATE_SYNTAX]',
  ],
  [
    'yaml',
    '<<: redis\n',
    '1:1: the merge key << needs a mapping or a list of mappings [LG_VALIDATE_SYNTAX]',
  ],
  [
    'yaml',
    'model: &\n',
    '1:9: an anchor needs a name; put text that starts with & in quotes [LG_VALIDATE_SYNTAX]',
  ],
];
