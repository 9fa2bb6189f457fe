import { setPriority } from 'node:os';
import { getHeapStatistics } from 'node:v8';
import { isMainThread, type MessagePort, parentPort, workerData } from 'node:worker_threads';
import type { ParsedFile } from '@lastgood/core/formats/parse-file.ts';
import { findingFrom } from '@lastgood/core/model/error.ts';
import type { SnapshotFile } from '@lastgood/core/model/snapshot.ts';
import { tryTo } from '@lastgood/core/model/try-to.ts';
import { addToCache } from '../../checks/json-schema/module-cache.ts';
import { readFrom } from '../../checks/json-schema/schema-file.ts';
import type { CheckSettings } from '../../settings/settings.ts';
import { applicableChecks, readAs } from './applicable-checks.ts';
import { taskResult } from './check-file.ts';
import { type Checks, createChecks } from './compile-checks.ts';
import { fitsTwice } from './memory-budget.ts';
import { Stopwatch } from './stopwatch.ts';
import { checkTask, type Job, mapFiles, type Task } from './task.ts';

/** The module that a worker thread runs: this one, or the single file that it is bundled into. */
export const WORKER_URL = new URL(import.meta.url);

/** The lowest priority of `nice(2)`. */
const LAST = 19;

if (!isMainThread && parentPort !== null) void answerJob(workerData as Job, parentPort);

/** Rejects only for an error of lastgood, which ends the thread with it. */
async function answerJob(job: Job, port: MessagePort): Promise<void> {
  // Only for this thread: the main one, which answers probes and checks whether memory is full, goes first.
  // A seccomp profile may refuse it, and the check must run all the same.
  tryTo(() => setPriority(LAST));
  const { modules, task, settings, schemas, meaning, views = [] } = job;
  addToCache(modules);
  const read = readFrom(schemas);
  const buffered = mapFiles(task, withBuffer);
  const watch = new Stopwatch();
  // Parse before ajv, CEL and the schemas are loaded: the memory of both would not fit at once.
  const bare = await createChecks(settings.flatMap(withoutSchemasAndRules), { read, meaning });
  const known = watch.time('parse', () => parseEarly(buffered, bare));
  const result = await createChecks(settings, { read, meaning, views }).then(
    (checks) => checkTask(buffered, checks, { known }),
    // Only the schema of an app may be unusable here.
    (error) => taskResult({ findings: [findingFrom(error)] }),
  );
  watch.add(result.tookMs);
  port.postMessage({ ...result, tookMs: watch.tookMs });
}

/** A Buffer arrives as plain bytes. */
function withBuffer(file: SnapshotFile): SnapshotFile {
  return { ...file, bytes: Buffer.from(file.bytes.buffer) };
}

/** Enough to know how a file is read. */
function withoutSchemasAndRules(check: CheckSettings): readonly CheckSettings[] {
  return 'files' in check ? [{ ...check, schema: undefined, rules: [] }] : [];
}

/** The documents of a single file, if its format does not depend on schemas and rules. */
function parseEarly(task: Task, checks: Checks): ParsedFile | undefined {
  if (!('file' in task)) return undefined;
  const applicable = applicableChecks(task.file, checks);
  if (applicable.format === undefined) return undefined;
  const read = readAs(applicable, task.file);
  if (!read.ok || fitsTwice(getHeapStatistics().heap_size_limit, task.file.bytes.length))
    return read;
  const documents = read.documents.map((each) => ({ ...each, withoutPositions: true }) as const);
  return { ...read, documents };
}
