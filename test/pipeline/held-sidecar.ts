/**
 * The sidecar as `main.ts` runs it, but it stops for good at one boundary of its steps, so that a
 * test can kill it just there. Arguments: settings file, boundary (`after publish`), and which time.
 */
import { systemClock } from '@lastgood/core/model/clock.ts';
import { run } from '../../sidecar/src/app/run.ts';
import { load } from '../../sidecar/src/settings/load.ts';

const [config = '', wanted = '', nth = '1'] = process.argv.slice(2);
const loaded = await load(config);
if (!loaded.ok) throw new Error(JSON.stringify(loaded.findings));

let left = Number(nth);
await run({
  settings: loaded.settings,
  once: false,
  program: 'held',
  clock: systemClock,
  random: Math.random,
  env: process.env,
  stop: new AbortController().signal,
  compact: () => {},
  onBoundary: async (boundary) => {
    if (boundary !== wanted) return;
    left -= 1;
    if (left !== 0) return;
    process.stdout.write(`${JSON.stringify({ held: boundary })}\n`);
    await new Promise(() => {});
  },
});
