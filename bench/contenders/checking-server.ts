/**
 * `node checking-server.cjs FILE SCHEMA`: checks a YAML file with a JSON Schema, and serves. The least that a start takes
 * with the parser and the validator that lastgood uses, and nothing of lastgood.
 */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { load } from 'js-yaml';

const [, , file = '', schema = ''] = process.argv;
const isValid = new Ajv2020({ strict: false }).compile(JSON.parse(readFileSync(schema, 'utf8')));
if (!isValid(load(readFileSync(file, 'utf8')))) throw new Error(`${file} is not valid`);
const server = createServer((_request, response) => response.end());
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  console.log(JSON.stringify({ address: `127.0.0.1:${port}` }));
});
// So that Node writes its compile cache.
process.on('SIGTERM', () => process.exit());
