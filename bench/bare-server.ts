import type { ContainerLimits } from './container-limits.ts';
import { type Launch, Sidecar } from './sidecar.ts';
import type { Workbench } from './workbench.ts';

/** Answers 200 to everything, and says its address as lastgood does. */
const PROGRAM = `
const server = require('node:http').createServer((request, response) => response.end());
server.listen(0, '127.0.0.1', () =>
  console.log(JSON.stringify({ address: '127.0.0.1:' + server.address().port })));`;

/** The least that a Node process with an HTTP server takes; or another program with one, as arguments of Node. */
export function startBareServer(
  bench: Workbench,
  { flags, env }: Launch = { flags: [], env: {} },
  limits?: ContainerLimits,
  program: readonly string[] = ['-e', PROGRAM],
): Sidecar {
  const options = { command: process.execPath, args: [...flags, ...program], env };
  return new Sidecar(bench.start('bare server', limits?.applied(options) ?? options));
}
