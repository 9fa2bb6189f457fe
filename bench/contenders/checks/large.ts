import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { Worker } from 'node:worker_threads';
import type { SnapshotFile } from '@lastgood/core/model/snapshot.ts';
import { checkFile } from '../../../sidecar/src/steps/validate/check-file.ts';
import { createChecks } from '../../../sidecar/src/steps/validate/compile-checks.ts';
import { createValidator } from '../../../sidecar/src/steps/validate/validator.ts';
import { REGISTRY_FILE, registryOf } from '../../contents/registry.ts';
import { compileFloor, passesFloor } from './floor.ts';
import { checkOf } from './settings.ts';
import { fileOf, snapshotOf, type TookMs, timed, type Way } from './timed.ts';

const SIZE_BYTES = 2 ** 20;

/** Which code parses the file and checks it with the schema, and in which thread. */
export type LargeWay = 'floorHere' | 'checksHere' | 'floorInThread' | 'checksInThread';

/** A registry of 1 MiB, in this thread and in new ones. */
export async function measureLarge(schemaPath: string, rounds: number): Promise<TookMs<LargeWay>> {
  const settings = [checkOf({ files: REGISTRY_FILE, schemaPath })];
  const checks = await createChecks(settings, { read: readFile, meaning: false });
  const validate = await createValidator(settings);
  const floor = compileFloor(schemaPath);
  const ways: Record<LargeWay, Way<SnapshotFile>> = {
    floorHere: ({ bytes }) => passesFloor(bytes, floor),
    checksHere: (file) => {
      const { own } = checkFile({ file, before: undefined, active: undefined }, checks);
      return own.findings.length === 0;
    },
    floorInThread: ({ bytes }) => floorInThread(bytes, schemaPath),
    checksInThread: async (file) => (await validate(snapshotOf(file))).accepted,
  };
  return timed(ways, { warmUp: 3, rounds }, (generation) =>
    fileOf(REGISTRY_FILE, registryOf(SIZE_BYTES, generation)),
  );
}

async function floorInThread(bytes: Uint8Array, schemaPath: string): Promise<boolean> {
  const workerData = { isFloor: true, bytes, schemaPath };
  const worker = new Worker(new URL(import.meta.url), { workerData });
  const [isAccepted] = await once(worker, 'message');
  await worker.terminate();
  return isAccepted;
}
