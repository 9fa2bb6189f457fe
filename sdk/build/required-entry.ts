import { OLDEST_NODE } from '../src/node-version.ts';

/** The oldest Node.js that loads an ES module with `require`. Source: Node.js documentation, Modules: CommonJS. */
const OLDEST_REQUIRE = '22.12';

/** What `require` loads: the entry itself or, if this Node.js cannot do that, one sentence. */
export const REQUIRED_ENTRY = `'use strict';
try {
  module.exports = require('./index.js');
} catch (error) {
  if (error.code !== 'ERR_REQUIRE_ESM') throw error;
  const reason = new Error(
    '@lastgood/sdk needs Node.js ${OLDEST_NODE} or newer for import, and ${OLDEST_REQUIRE} for require(); this is ' + process.version,
  );
  reason.stack = reason.message;
  throw reason;
}
`;
