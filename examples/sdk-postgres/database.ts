import { secret, type ValueOf } from '@lastgood/sdk';
import { Pool } from 'pg';
import { z } from 'zod';

/** Connections to the database, and how long a query waits for one. */
const CONNECTIONS = 10;
const CONNECT_TIMEOUT_MS = 5000;

/** The keys of the Secret. User and password change together, so they are one value. */
export const Database = secret(
  z.object({
    host: z.string().trim(),
    port: z.coerce.number(),
    dbname: z.string().trim(),
    username: z.string().trim(),
    password: z.string().trim(),
  }),
);

/** Opens a pool, and proves with a query that the database takes its user and password. */
export async function openPool(database: ValueOf<typeof Database>): Promise<Pool> {
  const pool = new Pool({
    host: database.host.reveal(),
    port: database.port.reveal(),
    database: database.dbname.reveal(),
    user: database.username.reveal(),
    password: database.password.reveal(),
    max: CONNECTIONS,
    idleTimeoutMillis: 0,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
  });
  // The connection to an idle client has ended. The pool opens another one.
  pool.on('error', (error) => console.error('an idle connection ended:', error.message));
  try {
    await pool.query('SELECT 1');
    await fill(pool);
    return pool;
  } catch (error) {
    await pool.end();
    throw error;
  }
}

/** Opens all connections now: a user that is revoked while the pool is in use gets no more. */
async function fill(pool: Pool): Promise<void> {
  const opening = Array.from({ length: CONNECTIONS }, () => pool.connect());
  for (const opened of await Promise.allSettled(opening))
    if (opened.status === 'fulfilled') opened.value.release();
  await Promise.all(opening);
}
