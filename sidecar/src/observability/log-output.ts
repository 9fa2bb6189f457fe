import { write, writeSync } from 'node:fs';

const STANDARD_OUTPUT = 1;

/** While nothing reads the log, keep lines up to this size and then drop them: never block. */
const MAX_PENDING = 1024 * 1024;

/** Until the next try, if a pipe that does not block is full. */
const RETRY_MS = 100;

/**
 * Standard output, written at the end of a turn of the event loop: log lines do not delay the request to
 * the app, and a full pipe does not stop the sidecar. What is left at the exit or after an uncaught error
 * is written then.
 */
export function createLogOutput() {
  let pending: string[] = [];
  let pendingLength = 0;
  /** The bytes that are not written yet. */
  let current = Buffer.alloc(0);
  let isScheduled = false;
  const take = () => {
    current = Buffer.from(pending.join(''));
    pending = [];
    pendingLength = 0;
  };
  const writeRest = () =>
    write(STANDARD_OUTPUT, current, (error, count) => {
      current = current.subarray(count ?? 0);
      if (error?.code === 'EAGAIN') return void setTimeout(writeRest, RETRY_MS).unref();
      // Nothing can be written to a pipe without a reader.
      if (error) current = Buffer.alloc(0);
      if (current.length === 0) take();
      if (current.length > 0) writeRest();
      else isScheduled = false;
    });
  process.once('exit', () => {
    writeAll(current);
    take();
    writeAll(current);
  });
  return {
    write(line: string): void {
      if (pendingLength + line.length > MAX_PENDING) return;
      pending.push(line);
      pendingLength += line.length;
      if (isScheduled) return;
      isScheduled = true;
      setImmediate(() => {
        take();
        writeRest();
      });
    },
  };
}

function writeAll(bytes: Buffer): void {
  try {
    for (let rest = bytes; rest.length > 0; )
      rest = rest.subarray(writeSync(STANDARD_OUTPUT, rest));
  } catch {
    // Nothing reads it.
  }
}
