import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { type Line, Pod } from '../../pipeline/pod.ts';
import type { Hammer, Seen } from './hammer.ts';

/**
 * A volume, the sidecar as a real process with nothing but a preset, and its published directory. The
 * program that reads that is started by the test.
 */
export class Scene {
  readonly pod: Pod;

  private constructor(pod: Pod) {
    this.pod = pod;
  }

  /** The sidecar is not started yet; the preset may name the directory, which is known by now. */
  static async create(
    context: TestContext,
    presetIn: (pod: Pod) => unknown,
    bundle: Record<string, unknown> = {},
  ): Promise<Scene> {
    const pod = await Pod.create(context);
    delete pod.bundle.targets;
    delete pod.bundle.confirm;
    Object.assign(pod.bundle, { preset: presetIn(pod) }, bundle);
    await pod.configured();
    return new Scene(pod);
  }

  /** Writes the first version and waits until it is published: the program may start now. */
  async begin(files: Record<string, string>): Promise<void> {
    await this.pod.write(files);
    this.pod.start();
    await this.pod.line(
      ({ step, result }) => step === 'publish' && result === 'published',
      'publish',
    );
  }

  /** Waits until the first version is proven. */
  committed(): Promise<Line> {
    return this.pod.outcome('committed');
  }

  /** Writes a version and waits for how its rollout ends. */
  async change(files: Record<string, string>, outcome: string): Promise<Line> {
    const since = this.pod.lines.length;
    await this.pod.write(files);
    const line = await this.pod.line((each) => each.outcome !== undefined, 'outcome', since);
    assert.equal(line.outcome, outcome, JSON.stringify(line));
    return line;
  }
}

/** No request failed, of as many as prove it. */
export async function assertNeverDown(clients: Hammer): Promise<Seen> {
  const seen = await clients.stop(200);
  assert.deepEqual(seen.failures, []);
  return seen;
}
