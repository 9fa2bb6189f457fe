import type { Preset } from './preset.ts';

export const postgresql = {
  about:
    'Sends SIGHUP to the postmaster of PostgreSQL, which makes every server process read its files.',
  needs: [
    '`shareProcessNamespace: true` in the pod, so that the sidecar sees the process, and the same user or root.',
    'For `psql`: psql in the image of the sidecar, and a role that may read pg_file_settings (by default a superuser).',
    'The program of `check` in the image of the sidecar, if `check` is used.',
  ],
  parameters: {
    process: {
      about: 'Base name of the executable; the topmost one is the postmaster.',
      kind: 'process',
      default: 'postgres',
    },
    commandLine: {
      about: 'Regular expression of its command line, where several are called so.',
      kind: 'pattern',
      default: '.',
    },
    psql: {
      about: 'The command psql with how it connects, to ask whether the files could be applied.',
      kind: 'words',
      example: ['psql', '-h', '/var/run/postgresql', '-U', 'postgres', '-d', 'postgres'],
    },
    check: {
      about: 'Command that must end with 0 before the change is published; off by default.',
      kind: 'words',
      example: ['postgres', '-C', 'port', '-D', '/data', '--config-file={dir}/postgresql.conf'],
    },
    within: { about: 'Deadline for the proof.', kind: 'duration', default: '30s' },
    hold: { about: 'How long it must stay good.', kind: 'duration', default: '5s' },
  },
  apply: [{ signal: { process: '{process}', commandLine: '{commandLine}', signal: 'SIGHUP' } }],
  proof: {
    within: '{within}',
    hold: '{hold}',
    process: { process: '{process}', commandLine: '{commandLine}' },
    exec: {
      command: [
        '{psql}',
        '-XAtq',
        '-v',
        'ON_ERROR_STOP=1',
        '-c',
        "DO $$ BEGIN IF EXISTS (SELECT FROM pg_file_settings WHERE error IS NOT NULL) OR EXISTS (SELECT FROM pg_hba_file_rules WHERE error IS NOT NULL) THEN RAISE 'the files cannot be applied'; END IF; END $$",
      ],
    },
  },
  checks: [{ exec: { command: '{check}', timeout: '30s' } }],
  back: 'PostgreSQL applies nothing of a file that it cannot read; the last good files are put back, and it is told again.',
  limits: [
    'A signal has no answer: without `psql` or `check`, a file that PostgreSQL cannot read is taken for good, while it goes on with what it had.',
    'With `psql`, a setting that only a restart changes is refused as well: pg_file_settings calls it an error.',
    'pg_file_settings shows what the files say now, and not when they were read.',
  ],
  sources: [
    'PostgreSQL documentation, Setting Parameters: SIGHUP to the postmaster is pg_reload_conf()',
    'PostgreSQL documentation, pg_file_settings and pg_hba_file_rules',
  ],
} as const satisfies Preset;
