import * as parts from './parts.ts';
import { definePreset } from './preset.ts';

const FIND_ERRORS =
  "DO $$ BEGIN IF EXISTS (SELECT FROM pg_file_settings WHERE error IS NOT NULL) OR EXISTS (SELECT FROM pg_hba_file_rules WHERE error IS NOT NULL) THEN RAISE 'the files cannot be applied'; END IF; END $$";

export const postgresql = definePreset({
  about:
    'Sends SIGHUP to the postmaster of PostgreSQL, which makes every server process read its files.',
  needs: [parts.SHARED_PROCESSES],
  needsFor: {
    psql: 'For `psql`: psql in the image of the sidecar, and a role that may read pg_file_settings (by default a superuser).',
  },
  parameters: {
    ...parts.process(
      'postgres',
      'Base name of the executable; the topmost process is the postmaster.',
    ),
    tls: parts.tls('localhost:5432', { startTls: 'postgres' }),
    psql: {
      about: 'Command psql with its connection options, to ask whether the files can be applied.',
      kind: 'command',
      example: ['psql', '-h', '/var/run/postgresql', '-U', 'postgres', '-d', 'postgres'],
    },
  },
  check: ['postgres', '-C', 'port', '-D', '/data', '--config-file={dir}/postgresql.conf'],
  timing: { within: '30s', hold: '5s' },
  bundleKeys: ({ process, commandLine, tls, psql }) => ({
    targets: parts.hangUp({ process, commandLine }),
    confirm: {
      process: { process, commandLine },
      tls,
      exec: psql && { command: [...psql, '-XAtq', '-v', 'ON_ERROR_STOP=1', '-c', FIND_ERRORS] },
    },
  }),
  rollback:
    'PostgreSQL applies nothing of a file that it cannot read; lastgood restores the last good files, and signals it again.',
  limits: [
    'A signal has no reply: without `psql` or `check`, a file that PostgreSQL cannot read counts as good, while it keeps its old settings.',
    'With `psql`, lastgood also refuses a setting that needs a restart: pg_file_settings reports it as an error.',
    'PostgreSQL keeps its old certificate if it cannot read the new one, and only its log says so: `tls` notices. It also keeps the old one if the new key needs a passphrase.',
    'pg_file_settings shows the current content of the files, not when PostgreSQL read them.',
  ],
  sources: [
    'PostgreSQL documentation, Setting Parameters: SIGHUP to the postmaster is pg_reload_conf()',
    'PostgreSQL documentation, Secure TCP/IP Connections with SSL: the certificate files are read again on SIGHUP',
    'PostgreSQL documentation, pg_file_settings and pg_hba_file_rules',
  ],
});
