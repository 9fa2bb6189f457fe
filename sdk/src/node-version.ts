/** The oldest Node.js that the package runs on, for `process.getBuiltinModule`. `test/sdk/` runs apps on it. */
export const OLDEST_NODE = '22.3';

// Each entry imports this file first, so an older Node.js says so, and not which of its functions is missing.
if (isOlder(process.versions.node, OLDEST_NODE)) {
  const error = new Error(
    `@lastgood/sdk needs Node.js ${OLDEST_NODE} or newer, and this is ${process.version}`,
  );
  // The places in this package say nothing about the mistake.
  error.stack = error.message;
  throw error;
}

function isOlder(version: string, oldest: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [oldestMajor = 0, oldestMinor = 0] = oldest.split('.').map(Number);
  return major < oldestMajor || (major === oldestMajor && minor < oldestMinor);
}
