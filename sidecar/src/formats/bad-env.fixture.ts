import type { BadInput } from './said.fixture.ts';

/** What people do to files of environment variables. */
export const BAD_ENV: readonly BadInput[] = [
  ['env', '', '1:1: holds no env value [LG_VALIDATE_EMPTY]'],
  ['env', ' \n', '1:1: holds no env value [LG_VALIDATE_EMPTY]'],
  ['env', 'HOST=redis\nPORT\n', '2:1: expected NAME=value [LG_VALIDATE_SYNTAX]'],
  ['env', 'HOST: redis\n', '1:1: expected "=" after the name, not ":" [LG_VALIDATE_SYNTAX]'],
  ['env', 'export HOST\n', '1:8: expected NAME=value [LG_VALIDATE_SYNTAX]'],
  [
    'env',
    '1ST=redis\n',
    '1:1: a name may hold letters, digits, "_", "." and "-", and must not start with a digit [LG_VALIDATE_SYNTAX]',
  ],
  [
    'env',
    'MY HOST=redis\n',
    '1:1: a name may hold letters, digits, "_", "." and "-", and must not start with a digit [LG_VALIDATE_SYNTAX]',
  ],
  [
    'env',
    '- HOST=redis\n',
    '1:1: a name may hold letters, digits, "_", "." and "-", and must not start with a digit [LG_VALIDATE_SYNTAX]',
  ],
  [
    'env',
    'set HOST=redis\n',
    '1:1: a name may hold letters, digits, "_", "." and "-", and must not start with a digit [LG_VALIDATE_SYNTAX]',
  ],
  [
    'env',
    '$env:HOST="redis"\n',
    '1:1: a name may hold letters, digits, "_", "." and "-", and must not start with a digit [LG_VALIDATE_SYNTAX]',
  ],
  ['env', '=redis\n', '1:1: expected a name before the "=" [LG_VALIDATE_SYNTAX]'],
  ['env', 'HOST="redis\nPORT=1\n', '1:6: a double quote is not closed [LG_VALIDATE_SYNTAX]'],
  ['env', 'HOST="redis\nPORT="80"\n', '1:6: a double quote is not closed [LG_VALIDATE_SYNTAX]'],
  [
    'env',
    "MOTD='it's late'\n",
    '1:10: unexpected text after the value; put the whole value in quotes [LG_VALIDATE_SYNTAX]',
  ],
  [
    'env',
    'HOST="redis" cache\n',
    '1:14: unexpected text after the value; put the whole value in quotes [LG_VALIDATE_SYNTAX]',
  ],
  ['env', 'HOST=redis\nHOST=mysql\n', '2:1: duplicate key "HOST" [LG_VALIDATE_DUPLICATE_KEY]'],
  [
    'env',
    'export HOST=redis\nHOST=mysql\n',
    '2:1: duplicate key "HOST" [LG_VALIDATE_DUPLICATE_KEY]',
  ],
  ['env', 'MOTD=`hello\n', '1:6: a backtick is not closed [LG_VALIDATE_SYNTAX]'],
  [
    'env',
    '<<<<<<< HEAD\nPORT=1\n=======\nPORT=2\n>>>>>>> main\n',
    '1:1: a merge conflict was not resolved: git left <<<<<<< here [LG_VALIDATE_SYNTAX]',
  ],
  [
    'env',
    '{{ .Values.redis }}\n',
    '1:1: expected NAME=value; a template such as {{ … }} was perhaps not filled in [LG_VALIDATE_SYNTAX]',
  ],
  [
    'env',
    'HOST={{ .Values.host }}\n{{- end }}\n',
    '2:1: expected NAME=value; a template such as {{ … }} was perhaps not filled in [LG_VALIDATE_SYNTAX]',
  ],
  ['env', '{"HOST": "redis"}\n', '1:1: expected NAME=value [LG_VALIDATE_SYNTAX]'],
  ['env', '[redis]\nHOST=a\n', '1:1: expected NAME=value [LG_VALIDATE_SYNTAX]'],
  ['env', '__proto__=1\n', '1:1: the key __proto__ is not allowed [LG_VALIDATE_RESERVED_KEY]'],
  ['env', 'HOST=redis\r\nPORT\r\n', '2:1: expected NAME=value [LG_VALIDATE_SYNTAX]'],
  ['env', 'PATH="C:\\"\n', '1:6: a double quote is not closed [LG_VALIDATE_SYNTAX]'],
  [
    'env',
    'HÖST=redis\n',
    '1:1: a name may hold letters, digits, "_", "." and "-", and must not start with a digit [LG_VALIDATE_SYNTAX]',
  ],
  ['shell', '', '1:1: holds no shell value [LG_VALIDATE_EMPTY]'],
  [
    'shell',
    'HOST=$(hostname)\n',
    '1:6: would run a command; put the value in single quotes [LG_VALIDATE_SYNTAX]',
  ],
  [
    'shell',
    'export HOST=`hostname`\n',
    '1:13: would run a command; put the value in single quotes [LG_VALIDATE_SYNTAX]',
  ],
  [
    'shell',
    'HOST="http://$(hostname)/"\n',
    '1:14: would run a command; put the value in single quotes [LG_VALIDATE_SYNTAX]',
  ],
  [
    'shell',
    'export PATH="$PATH:/opt/redis"\n',
    '1:14: the shell would replace what $ starts; put the value in single quotes [LG_VALIDATE_SYNTAX]',
  ],
  [
    'shell',
    'PASSWORD="pa$$word"\n',
    '1:13: the shell would replace what $ starts; put the value in single quotes [LG_VALIDATE_SYNTAX]',
  ],
  [
    'shell',
    'PASSWORD=hunter2&more\n',
    '1:17: unquoted & | < > ( ) is for commands; put the value in single quotes [LG_VALIDATE_SYNTAX]',
  ],
  [
    'shell',
    'PASSWORD=hunter2;more\n',
    '1:17: unexpected text after the value; put the whole value in quotes [LG_VALIDATE_SYNTAX]',
  ],
  [
    'shell',
    'PASSWORD=hunter(2)\n',
    '1:16: unquoted & | < > ( ) is for commands; put the value in single quotes [LG_VALIDATE_SYNTAX]',
  ],
  [
    'shell',
    'PASSWORD=<no value>\n',
    '1:10: unquoted & | < > ( ) is for commands; put the value in single quotes; a template such as {{ … }} was perhaps not filled in [LG_VALIDATE_SYNTAX]',
  ],
  [
    'shell',
    'MOTD=hello world\n',
    '1:12: unexpected text after the value; put the whole value in quotes [LG_VALIDATE_SYNTAX]',
  ],
  [
    'shell',
    'HOST=redis PORT=1\n',
    '1:12: unexpected text after the value; put the whole value in quotes [LG_VALIDATE_SYNTAX]',
  ],
  ['shell', 'HOST = redis\n', '1:1: no space may stand before the "=" [LG_VALIDATE_SYNTAX]'],
  ['shell', 'HOST= redis\n', '1:6: no space may stand after the "=" [LG_VALIDATE_SYNTAX]'],
  [
    'shell',
    '1ST=redis\n',
    '1:1: a name may hold letters, digits and "_" only, and must not start with a digit [LG_VALIDATE_SYNTAX]',
  ],
  [
    'shell',
    'MY-HOST=redis\n',
    '1:1: a name may hold letters, digits and "_" only, and must not start with a digit [LG_VALIDATE_SYNTAX]',
  ],
  [
    'shell',
    'HOST+=redis\n',
    '1:1: a name may hold letters, digits and "_" only, and must not start with a digit [LG_VALIDATE_SYNTAX]',
  ],
  [
    'shell',
    'export HOST\n',
    '1:1: expected an assignment such as NAME="value"; this would run as a command [LG_VALIDATE_SYNTAX]',
  ],
  [
    'shell',
    'export -n HOST\n',
    '1:1: expected an assignment such as NAME="value"; this would run as a command [LG_VALIDATE_SYNTAX]',
  ],
  [
    'shell',
    'echo redis\n',
    '1:1: expected an assignment such as NAME="value"; this would run as a command [LG_VALIDATE_SYNTAX]',
  ],
  [
    'shell',
    'set -a\n',
    '1:1: expected an assignment such as NAME="value"; this would run as a command [LG_VALIDATE_SYNTAX]',
  ],
  [
    'shell',
    'source /etc/redis\n',
    '1:1: expected an assignment such as NAME="value"; this would run as a command [LG_VALIDATE_SYNTAX]',
  ],
  [
    'shell',
    'if true; then\n',
    '1:1: expected an assignment such as NAME="value"; this would run as a command [LG_VALIDATE_SYNTAX]',
  ],
  ['shell', 'HOST="redis\nPORT=1\n', '1:6: a double quote is not closed [LG_VALIDATE_SYNTAX]'],
  ['shell', 'HOST="redis\nPORT="80"\n', '1:6: a double quote is not closed [LG_VALIDATE_SYNTAX]'],
  [
    'shell',
    "MOTD='it's late'\n",
    '1:12: unexpected text after the value; put the whole value in quotes [LG_VALIDATE_SYNTAX]',
  ],
  [
    'shell',
    'HOST=redis\r\nPORT=1\r\n',
    '1:11: a carriage return would become part of a value; save it with Unix line ends [LG_VALIDATE_SYNTAX]',
  ],
  ['shell', 'HOST=redis\nHOST=mysql\n', '2:1: duplicate key "HOST" [LG_VALIDATE_DUPLICATE_KEY]'],
  [
    'shell',
    'HOST={{ .Data.host }}\n',
    '1:9: unexpected text after the value; put the whole value in quotes; a template such as {{ … }} was perhaps not filled in [LG_VALIDATE_SYNTAX]',
  ],
  [
    'shell',
    '{{ with secret "redis" }}\nHOST=a\n{{ end }}\n',
    '1:1: expected an assignment such as NAME="value"; this would run as a command; a template such as {{ … }} was perhaps not filled in [LG_VALIDATE_SYNTAX]',
    '3:1: expected an assignment such as NAME="value"; this would run as a command; a template such as {{ … }} was perhaps not filled in [LG_VALIDATE_SYNTAX]',
  ],
  [
    'shell',
    '<<<<<<< HEAD\nPORT=1\n=======\nPORT=2\n>>>>>>> main\n',
    '1:1: a merge conflict was not resolved: git left <<<<<<< here [LG_VALIDATE_SYNTAX]',
  ],
  [
    'shell',
    "MOTD=$'hello'\n",
    '1:6: the shell would replace what $ starts; put the value in single quotes [LG_VALIDATE_SYNTAX]',
  ],
  [
    'shell',
    'HOST="redis$1"\n',
    '1:12: the shell would replace what $ starts; put the value in single quotes [LG_VALIDATE_SYNTAX]',
  ],
  ['shell', '__proto__=1\n', '1:1: the key __proto__ is not allowed [LG_VALIDATE_RESERVED_KEY]'],
  [
    'shell',
    'HOSTS=(redis mysql)\n',
    '1:7: unquoted & | < > ( ) is for commands; put the value in single quotes [LG_VALIDATE_SYNTAX]',
  ],
  [
    'shell',
    'HOST: redis\n',
    '1:1: expected an assignment such as NAME="value"; this would run as a command [LG_VALIDATE_SYNTAX]',
  ],
  [
    'shell',
    'MOTD=“hello world”\n',
    '1:13: unexpected text after the value; put the whole value in quotes; typographic quotes such as “ ” are no quotes [LG_VALIDATE_SYNTAX]',
  ],
  ['shell', 'HOST=redis\\', '1:11: a backslash is the last character [LG_VALIDATE_SYNTAX]'],
];
