/**
 * Fetches promtool and builds the programs of Jsonnet below node_modules. `npm run test:system` runs it first:
 * two test files use them, and would do it at the same time.
 */
import './jsonnet.ts';
import { promtoolFault } from './promtool.ts';

promtoolFault();
