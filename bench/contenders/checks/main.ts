/**
 * The checks alone, in a separate process: `node checks.js large|typical <schema> <rounds>`. Made
 * into one file first, so that a thread starts as it does in the built sidecar. Writes a line of JSON.
 */
import { isMainThread, workerData } from 'node:worker_threads';

async function main([what = '', schema = '', rounds = '']: readonly string[]): Promise<void> {
  const measure =
    what === 'large'
      ? (await import('./large.ts')).measureLarge
      : (await import('./typical.ts')).measureTypical;
  process.stdout.write(`${JSON.stringify(await measure(schema, Number(rounds)))}\n`);
}

if (isMainThread) await main(process.argv.slice(2));
else if (workerData.isFloor) await import('./floor-thread.ts');
else await import('../../../sidecar/src/steps/validate/worker.ts');
