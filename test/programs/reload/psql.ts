/**
 * What the preset needs of psql, for a test that must not install it: runs the one statement behind
 * `-c`, and exits with 0 unless the server refuses. Arguments: port, and then those of psql.
 */
import { connect } from './postgres-client.ts';

const [port, ...args] = process.argv.slice(2);
const session = await connect(Number(port));
await session.ask(args[args.indexOf('-c') + 1] ?? '');
session.end();
