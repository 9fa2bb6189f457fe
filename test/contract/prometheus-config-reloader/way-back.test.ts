import { test } from 'node:test';
import { PROGRAMS } from './program.ts';
import { Stand } from './stand.ts';

const FLAGS = [
  '--config-file=in/prometheus.yaml',
  '--delay-interval=100ms',
  '--retry-interval=200ms',
];
const EXPANDED = [...FLAGS, '--config-envsubst-file=out.yaml'];

/** The flags of each mode; `process` is the name of the program that gets a signal. */
const MODES: Readonly<Record<string, (stand: Stand, process: string) => readonly string[]>> = {
  'by HTTP': () => EXPANDED,
  'by HTTP, without --config-envsubst-file': () => FLAGS,
  'by HTTP, with a watched directory': () => [...EXPANDED, '--watched-dir=in'],
  'by signal': (stand, process) => [
    ...EXPANDED,
    '--watch-interval=10s',
    '--reload-method=signal',
    `--process-executable-name=${process}`,
    `--runtimeinfo-url=${stand.runtimeInfoUrl}`,
  ],
};

for (const program of PROGRAMS)
  for (const [mode, flags] of Object.entries(MODES)) {
    const { name } = program;
    test(`${name}, ${mode}: after a bad version the same good one counts as success`, async (t) => {
      const stand = await Stand.create(t, program);
      await stand.write('in', { 'prometheus.yaml': 'a: 1\n' });
      const process_ = `good-${process.pid}-${name.length}`;
      if (mode === 'by signal') await stand.process(process_);
      stand.start(flags(stand, process_));
      await stand.hasMetric('reloader_last_reload_successful', 1);
      stand.status = 500;
      await stand.write('in', { 'prometheus.yaml': 'a: 2\n' });
      await stand.hasMetric('reloader_last_reload_successful', 0);
      stand.status = 200;
      await stand.write('in', { 'prometheus.yaml': 'a: 1\n' });
      await stand.hasMetric('reloader_last_reload_successful', 1);
      if (name === 'lastgood') await stand.hasMetric('lastgood_degraded{bundle="config"}', 0);
    });
  }
