/** An app for the bench: so many connections to a sidecar, and a line for each change that the first one shows. */
const [, , module = '', socket = '', count = '1'] = process.argv;

const { connect } = await import(module);
const connecting = Array.from({ length: Number(count) }, () =>
  connect({ socket, file: 'config.yaml', timeoutMs: 60_000 }),
);
const [config] = await Promise.all(connecting);
config.onChange((next) => process.stdout.write(`changed ${next.generation}\n`));
process.stdout.write('ready\n');
