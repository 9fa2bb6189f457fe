/** For tests of apps: a bundle in memory, behind the same client as in production. */
import '../node-version.ts';

export type { TestFiles } from './content.ts';
export { createTestBundle, type TestBundleOptions } from './memory-bundle.ts';
export type { PushResult, TestBundle, TestConnectOptions } from './test-bundle.ts';
