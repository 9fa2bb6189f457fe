/**
 * A fake of the command `serve deploy FILE --address URL`, which sends the file to the dashboard and
 * does not wait until it is applied. Source: Ray documentation, Serve CLI.
 */
import { readFileSync } from 'node:fs';

const [command, file = '', flag, address] = process.argv.slice(2);
if (command !== 'deploy' || flag !== '--address') process.exit(2);
const response = await fetch(`${address}/api/serve/applications/`, {
  method: 'PUT',
  headers: { 'content-type': 'application/json' },
  body: readFileSync(file, 'utf8'),
});
process.exit(response.ok ? 0 : 1);
