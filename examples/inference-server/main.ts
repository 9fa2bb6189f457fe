import { parseArgs } from 'node:util';
import { InferenceServer } from './server.ts';

const HELP = `Usage: node main.ts [options]

A small inference server: classifies the sentiment of a text. It shows how an app works with lastgood.

  POST /predict         {"text": "a lovely, fast phone"} → label, score, model, config version
  GET  /health          200 while it serves, 503 while it stops; with the config version
  POST /admin/validate  lastgood's dry run: 200, or 422 {"reason": "…"}; changes nothing
  POST /admin/reload    lastgood's event: 200 loaded, 422 {"reason": "…"} when it cannot load it

Options, and the environment variables that they have precedence over:
  --config-dir DIR    holds config.yaml                          CONFIG_DIR, default /config
  --port PORT         0 takes a free one                         PORT, default 8080
  --host HOST         address to listen on                       HOST, default all
  --devices LIST      what this node has: cpu, cuda, mps         DEVICES, default cpu
  --help              show this

SIGTERM and SIGINT: answers the requests that have arrived, exit 0. Cannot start: exit 1. Wrong usage: exit 2.
`;

interface Flags {
  readonly dir: string;
  readonly port: number;
  readonly host: string | undefined;
  readonly devices: readonly string[];
}

const log = (line: string) => void process.stdout.write(`inference-server: ${line}\n`);

async function run(args: readonly string[]): Promise<number> {
  const flags = flagsOf(args);
  if (flags === 'help') {
    process.stdout.write(HELP);
    return 0;
  }
  if (flags instanceof Error) return complain(`${flags.message}; see --help`, 2);
  try {
    const server = await InferenceServer.create({ ...flags, log });
    await server.listen(flags.port, flags.host);
    log(`listening on port ${server.port}`);
    await stopSignal();
    await server.stop();
    log('stopped');
    return 0;
  } catch (error) {
    return complain(`cannot start: ${error instanceof Error ? error.message : error}`, 1);
  }
}

function flagsOf(args: readonly string[]): Flags | 'help' | Error {
  const { CONFIG_DIR = '/config', PORT = '8080', HOST, DEVICES = 'cpu' } = process.env;
  try {
    const text = { type: 'string' } as const;
    const { values } = parseArgs({
      args: [...args],
      options: {
        'config-dir': { ...text, default: CONFIG_DIR },
        port: { ...text, default: PORT },
        host: text,
        devices: { ...text, default: DEVICES },
        help: { type: 'boolean' },
      },
    });
    if (values.help === true) return 'help';
    const port = Number(values.port);
    if (!/^\d+$/.test(values.port) || port > 65_535) {
      return new Error(`--port must be 0 to 65535 (is "${values.port}")`);
    }
    const devices = values.devices.split(',').map((device) => device.trim());
    return { dir: values['config-dir'], port, host: values.host ?? HOST, devices };
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

/** Resolves at the first signal; a second one ends the process at once. */
async function stopSignal(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => resolve());
  await promise;
}

function complain(message: string, code: number): number {
  process.stderr.write(`inference-server: ${message}\n`);
  return code;
}

process.exitCode = await run(process.argv.slice(2));
