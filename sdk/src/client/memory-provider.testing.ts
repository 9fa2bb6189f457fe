import { createHash } from 'node:crypto';
import { findingOf } from '@lastgood/core/model/error.ts';
import type { ReloadReason } from '@lastgood/core/model/reload-event.ts';
import type { SnapshotFile } from '@lastgood/core/model/snapshot.ts';
import type { Config, ConnectOptions } from '../config.ts';
import type { Answer, BundleVersion, Candidate, Provider, Subscriber } from '../provider.ts';
import type { ReadValue } from './bundle-client.ts';
import { connectTo } from './connect-to.ts';

type Contents = Readonly<Record<string, string>>;

/** A provider that does what a test says, when it says it. */
export class MemoryProvider implements Provider {
  subscriber: Subscriber | undefined;
  readonly first: Contents;
  closed = 0;
  #rollouts = 0;

  constructor(first: Contents) {
    this.first = first;
  }

  async start(subscriber: Subscriber, _signal: AbortSignal): Promise<BundleVersion> {
    this.subscriber = subscriber;
    return versionOf(this.first);
  }

  async close(): Promise<void> {
    this.closed += 1;
  }

  candidate(contents: Contents, reason: ReloadReason = 'changed'): Candidate {
    this.#rollouts += 1;
    return { ...versionOf(contents), rollout: `rollout-${this.#rollouts}`, reason };
  }

  /** Both phases. The answer is that of the app. */
  async push(contents: Contents, reason?: ReloadReason): Promise<Answer> {
    const candidate = this.candidate(contents, reason);
    const answer = await this.prepare(candidate);
    if (answer.verdict === 'accept') this.subscriber?.commit(candidate.rollout);
    return answer;
  }

  async prepare(candidate: Candidate, signal = new AbortController().signal): Promise<Answer> {
    if (this.subscriber === undefined) throw new Error('nothing is connected');
    return this.subscriber.prepare(candidate, signal);
  }
}

function versionOf(contents: Contents): BundleVersion {
  const files = Object.entries(contents).map(([path, text]) => fileOf(path, text));
  return { version: `sha256:${hashOf(JSON.stringify(contents))}`, files };
}

function fileOf(path: string, text: string): SnapshotFile {
  return { path, mode: 0o644, bytes: Buffer.from(text), sha256: hashOf(text), secret: false };
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** JSON, and a schema if there is one. */
export const readJson: ReadValue = async (files, { file, schema }) => {
  const found = files.find(({ path }) => path === file);
  if (found === undefined)
    return { accepted: false, findings: [findingOf('LG_INPUT_UNREADABLE', [`no ${file}`])] };
  const value: unknown = JSON.parse(found.bytes.toString());
  const result = await schema?.['~standard'].validate(value);
  if (result === undefined) return { accepted: true, value };
  if (result.issues === undefined) return { accepted: true, value: result.value };
  const findings = result.issues.map(({ message }) =>
    findingOf('LG_USAGE', [message], { file: found.path }),
  );
  return { accepted: false, findings };
};

/** Connected to `{ n: 1 }` in `a.json`. */
export async function connectToMemory<T = { n: number }>(
  options: ConnectOptions = {},
  first: Contents = json(1),
): Promise<{ readonly config: Config<T>; readonly provider: MemoryProvider }> {
  const provider = new MemoryProvider(first);
  const config = await connectTo(provider, { file: 'a.json', ...options }, readJson);
  return { config: config as Config<T>, provider };
}

/** The same number in two files, which a torn view would show. */
export function json(n: unknown): Contents {
  return { 'a.json': JSON.stringify({ n }), 'b.json': JSON.stringify({ n }) };
}
