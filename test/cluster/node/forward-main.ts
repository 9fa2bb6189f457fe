/** Forwards connections to an address of this machine, port 443, to a port of 127.0.0.1. */
import { connect, createServer } from 'node:net';
import { pipeline } from 'node:stream';

const [address, port] = process.argv.slice(2);

createServer((client) => {
  const server = connect(Number(port), '127.0.0.1');
  // Either side may end a connection as it likes.
  pipeline(client, server, client, () => undefined);
}).listen(443, address);
