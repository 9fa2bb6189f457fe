/** A process in a container that lacks something; `starvation.test.ts` starts it. Prints what it found. */
import { createReadStream, createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { type Captured, createCapture } from '@lastgood/core/capture/capture.ts';
import { systemClock as clock } from '@lastgood/core/model/clock.ts';
import { findingOf } from '@lastgood/core/model/error.ts';
import { explainTimeouts, findCounters } from '../../sidecar/src/app/starvation.ts';

/** More than the memory limit. */
const FILE_MIB = 128;

const [, , lack, dir = ''] = process.argv;

function captureVolume(): () => Promise<Captured> {
  const volume = { path: dir, at: '.', include: ['**'], exclude: [], secret: false };
  return createCapture({ volumes: [volume], maxSizeBytes: 2 ** 20, clock, timeoutMs: 1_000 });
}

/** Reads a file again and again, as the kernel does with a program that does not fit. */
async function readLargeFile(): Promise<() => Promise<Captured>> {
  const file = join(dir, 'large');
  // In this process, since a page counts for the container that caused it.
  const output = createWriteStream(file, { flush: true });
  const mib = Buffer.alloc(2 ** 20);
  for (let count = 0; count < FILE_MIB; count += 1)
    await new Promise((resolve) => output.write(mib, resolve));
  return async () => {
    for (let count = 0; count < 3; count += 1) for await (const _ of createReadStream(file));
    return { ok: false, findings: [findingOf('LG_CAPTURE_TIMEOUT', ['10s'])] };
  };
}

const work = lack === 'memory' ? await readLargeFile() : captureVolume();
const explained = explainTimeouts(work, findCounters(clock));
process.stdout.write('ready\n');
await new Promise((resolve) => process.stdin.once('data', resolve));
process.stdout.write(`${JSON.stringify(await explained())}\n`);
process.exit();
