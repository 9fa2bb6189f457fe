import { connect } from '@lastgood/sdk';
import { lastgoodPlugin } from '@lastgood/sdk/fastify';
import { fastify } from 'fastify';
import { Database, openPool } from './database.ts';

const { HOST = '127.0.0.1', PORT = '8080' } = process.env;

const config = await connect({
  bundle: 'database',
  keys: '.',
  schema: Database,
  secret: ['**'], // without a sidecar: all files
});
const pools = await config.resource({
  select: (database) => database,
  open: openPool,
  close: (pool) => pool.end(),
});

const app = fastify();
await app.register(lastgoodPlugin, { config, health: '/health/config' });
app.post('/visits', () =>
  // The pool is not closed before the query has ended.
  pools.use(async (pool) => {
    await pool.query('INSERT INTO visits DEFAULT VALUES');
    const { rows } = await pool.query(
      'SELECT session_user AS user, count(*)::int AS visits FROM visits',
    );
    return rows[0];
  }),
);

config.onState(({ status, reason = '' }) => console.log(status, reason));
console.log('listening on', await app.listen({ host: HOST, port: Number(PORT) }));

for (const signal of ['SIGTERM', 'SIGINT'])
  process.once(signal, () => {
    // Answers the requests in progress, then closes the pool.
    void app.close();
  });
