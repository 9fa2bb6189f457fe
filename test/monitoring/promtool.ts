import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { reasonOf, unpackPackages } from '../debian-packages.ts';
import { ROOT } from '../docs/repository.ts';

const DIR = join(ROOT, 'node_modules/.cache/lastgood/prometheus');

/** The path of promtool in Debian's package of Prometheus, which is fetched the first time. Throws if apt cannot. */
export function findPromtool(): string {
  if (!existsSync(DIR))
    unpackPackages(DIR, { withLibraries: [], alone: ['prometheus'], isNeeded: () => false });
  return join(DIR, 'usr/bin/promtool');
}

/** Why there is no promtool. In CI a missing program is a failure. */
export function promtoolFault(): string | false {
  try {
    findPromtool();
    return false;
  } catch (error) {
    if (process.env.CI) throw error;
    return `cannot fetch promtool: ${reasonOf(error)}`;
  }
}
