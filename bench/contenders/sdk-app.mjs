/** An app for the bench: imports a module, connects to a directory or socket if there is one, and prints what it took. */
const [, , module = '', place] = process.argv;

const startMs = performance.now();
const { connect } = await import(module);
const importMs = performance.now() - startMs;

let connectMs = 0;
if (place !== undefined) {
  const where = place.endsWith('.sock') ? { socket: place } : { directory: place };
  const config = await connect({ ...where, file: 'config.yaml' });
  connectMs = performance.now() - startMs - importMs;
  config.onChange((next) => process.stdout.write(`changed ${next.generation}\n`));
}
globalThis.gc?.();
const heapMib = process.memoryUsage().heapUsed / 2 ** 20;
process.stdout.write(`ready ${JSON.stringify({ importMs, connectMs, heapMib })}\n`);
setInterval(() => {}, 60_000);
