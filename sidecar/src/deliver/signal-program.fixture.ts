/** Tells a process once, as a program of its own: as another user, or in a namespace of its own. */
import { systemClock } from '../clock.ts';
import { EVENT } from '../event.fixture.ts';
import { createSignal } from './signal.ts';

const target = createSignal({ settings: JSON.parse(process.argv[2] ?? ''), clock: systemClock });
const delivery = await target.deliver(EVENT, new AbortController().signal);
process.stdout.write(JSON.stringify(delivery));
