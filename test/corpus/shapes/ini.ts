import type { Random } from '../../rollout/random.ts';
import { below, NAMES, textOf, times } from './words.ts';

/** Files in one of the dialects of INI: PHP's, systemd's, git's, of desktop files, or Python's. */
export function iniFile(random: Random): string {
  return random.pick([phpFile, systemdFile, gitFile, desktopFile, pythonFile])(random);
}

function phpFile(random: Random): string {
  const lines = [
    ...['; PHP', 'extension=curl', 'extension=gd', 'zend_extension=opcache', 'memory_limit = 128M'],
    ...[
      'error_reporting = E_ALL & ~E_DEPRECATED',
      'date.timezone = "Europe/Berlin"',
      'a[] = 1',
      'a[] = 2',
    ],
    ...[
      'display_errors = Off',
      '[PHP]',
      '[opcache]',
      'opcache.enable=1',
      'path = ".:/usr/share/php"',
    ],
    ...[
      'error_prepend_string = "<b>"',
      'empty =',
      'alone',
      'x = "two',
      'lines"',
      'map[key] = v',
      'y = $\u007bHOME}',
    ],
  ];
  return some(random, lines);
}

function systemdFile(random: Random): string {
  const lines = [
    ...[
      '[Unit]',
      '[Service]',
      '[Install]',
      '[Service]',
      'Description=An app: the best',
      'After=network.target',
    ],
    ...[
      'Environment="A=1"',
      'Environment=B=2',
      'ExecStart=',
      'ExecStart=/usr/bin/app --flag \\',
      '  --more',
    ],
    ...[
      'ExecStartPre=-/bin/mkdir -p /x',
      '# note',
      '; note',
      'WantedBy=multi-user.target',
      'Restart=always',
    ],
    ...['LimitNOFILE=1024:2048', 'Type=simple', 'DefaultDependencies=no', '  Indented=1'],
  ];
  return some(random, lines);
}

function gitFile(random: Random): string {
  const lines = [
    ...[
      '[core]',
      '\tbare = false',
      '\tfilemode',
      '[remote "origin"]',
      '\turl = git@example.com:a/b.git',
    ],
    ...[
      '\tfetch = +refs/heads/*:refs/remotes/origin/*',
      '\tfetch = +refs/tags/*',
      '[alias]',
      '\tst = status # c',
    ],
    ...[
      '\tlg = "log --oneline ; x"',
      '[branch "main"] ; c',
      '[core]',
      '[a.b]',
      '\tx = \\"q\\"',
      '\tl = a \\',
      'b',
    ],
    ...['# c', '; c', '[url "https://x/"] insteadOf = y:', '\tkey=value', '   spaced   =   v   '],
  ];
  return some(random, lines);
}

function desktopFile(random: Random): string {
  const lines = [
    ...[
      '[Desktop Entry]',
      'Name=App',
      'Name[de]=Anwendung',
      'Name[sr@latin]=x',
      'Exec=app %U',
      'Terminal=false',
    ],
    ...[
      'Categories=Network;WebBrowser;',
      '[Desktop Action new]',
      'Comment=a = b',
      'Icon=',
      '#c',
      'Keywords=a;b;',
    ],
  ];
  return some(random, lines);
}

function pythonFile(random: Random): string {
  const sections = times(random, 4, () => `[${random.pick(NAMES)}${below(random, 9)}]`);
  const keys = times(random, 6, () => {
    const name = `${random.pick(NAMES)}${random.pick(['', '', ' x', '.y'])}`;
    const written = textOf(random).replaceAll('\n', random.pick(['\n  ', '\n\t', ' ']));
    return `${name}${random.pick([' = ', '=', ': ', ':', ' '])}${written}`;
  });
  return some(random, [
    ...sections,
    ...sections,
    ...keys,
    '[DEFAULT]',
    'list =\n  a\n  b',
    '  # c',
    '',
  ]);
}

/** Most lines in their order; each may be left out, twice there, or moved. */
function some(random: Random, lines: readonly string[]): string {
  const kept = lines.filter(() => random.chance(0.35));
  const more = times(random, 2, () => random.pick(lines));
  const blank = random.pick(['\n', '\n', '\n\n']);
  return [...kept, ...more].join(blank) + random.pick(['\n', '\n', '']);
}
