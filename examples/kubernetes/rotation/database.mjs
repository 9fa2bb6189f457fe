/**
 * In place of a database with a user `shop`, who may have two passwords during a rotation, as MySQL allows with
 * RETAIN CURRENT PASSWORD. `PUT /passwords` is what its administrator would do: a list of those that work.
 */
import http from 'node:http';

let passwords = ['the-first-password'];

const server = http.createServer(async (request, response) => {
  const chunks = await Array.fromAsync(request);
  if (request.method === 'PUT' && request.url === '/passwords') {
    passwords = JSON.parse(Buffer.concat(chunks).toString());
    response.end('done\n');
    return;
  }
  const [, encoded = ''] = (request.headers.authorization ?? '').split(' ');
  const isKnown = passwords.some(
    (password) => encoded === Buffer.from(`shop:${password}`).toString('base64'),
  );
  response.writeHead(isKnown ? 200 : 401).end(isKnown ? '1 row' : 'access denied');
});
server.listen(5432, () => console.log('listening on port 5432'));
process.once('SIGTERM', () => process.exit(0));
