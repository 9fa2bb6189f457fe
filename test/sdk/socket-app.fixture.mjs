/** An app with a sidecar, on an older Node.js. It ends at 3. */
import { connect } from '@lastgood/sdk';

process.on('unhandledRejection', (error) => {
  throw error;
});

const config = await connect({ file: 'a.yaml', timeoutMs: 60_000 });
config.prepare(({ n }) => {
  if (n > 9) throw new Error('too large');
});
config.onChange(({ n }) => {
  console.log(n);
  if (n === 3) void config.close();
});
