import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Ack } from '@lastgood/core/model/sdk-protocol.ts';
import type { Version } from '@lastgood/core/model/snapshot.ts';
import { fc } from '../../../test/property.ts';
import type { Answer, Candidate, Subscriber } from '../provider.ts';
import { Rollouts } from './rollouts.ts';

/** What a sidecar does in any order, with microtasks between. */
const ACTION = fc.record({
  kind: fc.constantFrom(
    ...(['start', 'prepare', 'prepare', 'commit', 'commit', 'abort', 'rollback', 'reset'] as const),
  ),
  rollout: fc.nat({ max: 2 }),
  version: fc.nat({ max: 3 }),
  verdict: fc.constantFrom('accept', 'accept', 'reject', 'restart', 'throw'),
  isOver: fc.boolean(),
  ticks: fc.nat({ max: 8 }),
});

type Action = typeof ACTION extends fc.Arbitrary<infer T> ? T : never;

async function tick(count: number): Promise<void> {
  for (let index = 0; index < count; index += 1) await undefined;
}

function versionOf(n: number): Version {
  return `sha256:${n}`;
}

/** An app that checks each call. */
class App implements Subscriber {
  active = versionOf(0);
  action: Pick<Action, 'verdict' | 'ticks'> = { verdict: 'accept', ticks: 0 };
  #prepared: { readonly candidate: Candidate; isAccepted: boolean } | undefined;

  async prepare(candidate: Candidate, signal: AbortSignal): Promise<Answer> {
    assert.equal(this.#prepared, undefined, 'the older one has ended');
    const { verdict, ticks } = this.action;
    const prepared = { candidate, isAccepted: false };
    this.#prepared = prepared;
    await tick(ticks);
    const isCurrent = this.#prepared === prepared;
    assert.equal(signal.aborted, !isCurrent);
    if (isCurrent && verdict === 'accept') prepared.isAccepted = true;
    else if (isCurrent) this.#prepared = undefined;
    if (verdict === 'throw') throw new Error('a bug');
    return verdict === 'accept' ? { verdict } : { verdict, reasons: ['no'] };
  }

  commit(rollout: string): void {
    const { candidate, isAccepted } = this.#prepared ?? assert.fail('nothing is prepared');
    assert.deepEqual([candidate.rollout, isAccepted], [rollout, true]);
    this.active = candidate.version;
    this.#prepared = undefined;
  }

  abort(rollout: string): void {
    if (this.#prepared?.candidate.rollout === rollout) this.#prepared = undefined;
  }

  report(): void {}
}

test('P4 P5 in any order of events, the app is on what it has said, and in the end on what it should', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(ACTION, { maxLength: 25 }), async (actions) => {
      const app = new App();
      const acks: Ack[] = [];
      let isOver = false;
      const rollouts = new Rollouts({
        subscriber: app,
        fetch: async (version) => {
          await undefined;
          return isOver ? undefined : { version, files: [] };
        },
        acknowledge: (ack) => {
          acks.push(ack);
          if (ack.event !== 'prepare' && ack.verdict === 'accept')
            assert.equal(app.active, ack.version, 'it runs on what it has accepted');
        },
        onFirst: () => rollouts.started({ verdict: 'accept' }),
        onProblem: () => {},
      });
      const send = ({
        kind,
        rollout: id,
        version: n,
      }: Pick<Action, 'kind' | 'rollout' | 'version'>) => {
        const [rollout, version, reason] = [`r${id}`, versionOf(n), 'no'];
        if (kind === 'reset') rollouts.reset(reason);
        else if (kind === 'start') rollouts.follow({ event: kind, data: { version } });
        else if (kind === 'commit') rollouts.follow({ event: kind, data: { rollout, version } });
        else if (kind === 'prepare') {
          const data = { rollout, version, previous: null, changed: [], timeoutMs: 1 };
          rollouts.follow({ event: kind, data: { ...data, reason: 'changed' } });
        } else rollouts.follow({ event: kind, data: { rollout, version, reason } });
      };
      send({ kind: 'start', rollout: 0, version: 0 });
      await tick(20);
      for (const action of actions) {
        app.action = action;
        isOver = action.isOver;
        send(action);
        await tick(action.ticks);
        assert.equal(rollouts.running, app.active);
      }
      [app.action, isOver] = [{ verdict: 'accept', ticks: 1 }, false];
      acks.length = 0;
      send({ kind: 'rollback', rollout: 9, version: 1 });
      await tick(30);
      assert.deepEqual(
        acks.filter(({ rollout }) => rollout === 'r9'),
        [{ event: 'rollback', version: versionOf(1), rollout: 'r9', verdict: 'accept' }],
      );
      assert.equal(app.active, versionOf(1));
    }),
    { numRuns: 2000 },
  );
});
