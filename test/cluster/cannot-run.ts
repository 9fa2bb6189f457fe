/** This machine cannot run a cluster; the message says why, in one line. */
export class CannotRun extends Error {
  override readonly name = 'CannotRun';
}
