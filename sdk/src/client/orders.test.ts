import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fc } from '../../../test/property.ts';
import type { Config, View } from '../config.ts';
import type { ConfigError } from '../config-error.ts';
import type { Answer, Candidate } from '../provider.ts';
import { connectToMemory, type MemoryProvider } from './memory-provider.testing.ts';

/** What an app and a provider do in any order, with microtasks between. */
const ACTION = fc.record({
  kind: fc.constantFrom(
    ...(['prepare', 'prepare', 'prepare', 'commit', 'commit', 'abort', 'signal'] as const),
    ...(['view', 'hook', 'listener', 'changes', 'run', 'same', 'close'] as const),
  ),
  /** How a hook or a listener behaves, and how long it takes. */
  behaviour: fc.constantFrom('accept', 'nothing', 'throw', 'hang', 'close'),
  ticks: fc.nat({ max: 6 }),
  file: fc.nat({ max: 4 }),
  isBroken: fc.boolean(),
});

type Action = typeof ACTION extends fc.Arbitrary<infer T> ? T : never;

/** Of refusals. A failed assertion of a hook is none of them. */
const REASONS = /^no$|newer version|has closed|JSON|aborted/;

interface Value {
  readonly n: number;
}

async function tick(count: number): Promise<void> {
  for (let index = 0; index < count; index += 1) await undefined;
}

function contentsOf(n: number, broken: number | undefined) {
  const texts = [0, 1, 2, 3, 4].map((file) => [`${file}.json`, `{"n":${n}}`] as const);
  const contents = Object.fromEntries(texts);
  return broken === undefined ? contents : { ...contents, [`${broken}.json`]: '{' };
}

/** A run of the actions, which checks after each what must always hold. */
class Orders {
  readonly config: Config<Value>;
  readonly provider: MemoryProvider;
  readonly views: View<Value>[];
  /** The numbers that the provider has committed after the app had accepted. */
  readonly committed = new Set([1]);
  readonly answers = new Map<string, Answer['verdict']>();
  readonly waiting: Promise<unknown>[] = [];
  newest:
    | { readonly candidate: Candidate; readonly n: number; readonly control: AbortController }
    | undefined;
  numbers = 1;
  isClosed = false;
  /** Of what hooks have made: neither committed nor aborted. */
  open = 0;

  constructor(config: Config<Value>, provider: MemoryProvider) {
    this.config = config;
    this.provider = provider;
    this.views = [config];
  }

  /** P1: every view is of the same version. P4: which was committed. */
  check(): void {
    const seen = new Set(this.views.map(({ current }) => current.n));
    assert.equal(seen.size, 1, `torn: ${[...seen]}`);
    for (const n of seen) assert.ok(this.committed.has(n), `${n} was not committed`);
    assert.equal(new Set(this.views.map(({ version }) => version)).size, 1);
    assert.equal(this.config.snapshot().version, this.config.version);
  }

  close(): void {
    this.isClosed = true;
    this.waiting.push(this.config.close());
  }

  prepare({ file, isBroken }: Action, isSame: boolean): void {
    if (!isSame) this.numbers += 1;
    const n = isSame ? this.config.current.n : this.numbers;
    const candidate = this.provider.candidate(contentsOf(n, isBroken ? file : undefined));
    const control = new AbortController();
    this.newest = { candidate, n, control };
    const answering = this.provider.prepare(candidate, control.signal).then((answer) => {
      this.check();
      this.answers.set(candidate.rollout, answer.verdict);
      if (answer.verdict !== 'accept') assert.match(answer.reasons.join(), REASONS);
    });
    this.waiting.push(answering);
  }

  commit(): void {
    if (this.newest === undefined) return;
    const { candidate, n, control } = this.newest;
    const answer = this.answers.get(candidate.rollout);
    // No provider commits what has no answer. A commit of what was refused or aborted must change nothing.
    if (answer === undefined) return;
    if (answer === 'accept' && !control.signal.aborted && !this.isClosed) this.committed.add(n);
    this.provider.subscriber?.commit(candidate.rollout);
  }

  abort(): void {
    if (this.newest === undefined) return;
    this.provider.subscriber?.abort(this.newest.candidate.rollout, 'no');
    this.newest.control.abort();
  }

  async behave({ behaviour, ticks }: Action): Promise<void> {
    await tick(ticks);
    if (behaviour === 'throw') throw new Error('no');
    if (behaviour === 'hang') await new Promise(() => {});
    if (behaviour === 'close') this.close();
  }

  addHook(view: View<Value>, action: Action): void {
    view.prepare(async (next, { previous, signal }) => {
      assert.equal(this.isClosed, false, 'a hook was called after close');
      assert.ok(this.committed.has(previous.n));
      assert.ok(!signal.aborted && !this.committed.has(next.n));
      await this.behave(action);
      if (action.behaviour === 'nothing') return;
      this.open += 1;
      let isOpen = true;
      const end = () => {
        assert.ok(isOpen, 'ended twice');
        isOpen = false;
        this.open -= 1;
      };
      return {
        commit: () => {
          assert.equal(view.current.n, next.n);
          end();
          this.check();
        },
        abort: end,
      };
    });
  }

  addListener(view: View<Value>, action: Action): void {
    let last = view.current.n;
    let isBusy = false;
    view.onChange(async (next, previous, { changed }) => {
      assert.ok(!this.isClosed, 'a listener was called after close');
      assert.ok(!isBusy && previous.n === last && next.n === view.current.n);
      assert.deepEqual(changed, ['/n']);
      this.check();
      last = next.n;
      isBusy = true;
      // An asynchronous listener must end before its next call, whatever it does.
      await this.behave(action).finally(() => {
        isBusy = false;
      });
    });
  }

  async readChanges(view: View<Value>): Promise<void> {
    let last = view.current.n;
    for await (const { next, previousValue } of view.changes()) {
      assert.equal(previousValue.n, last);
      assert.ok(this.committed.has(next.n));
      last = next.n;
    }
    assert.ok(this.isClosed);
  }

  async runPinned({ ticks }: Action): Promise<void> {
    const views = [...this.views];
    await this.config.run(async () => {
      const before = views.map(({ current }) => current);
      await tick(ticks * 10);
      assert.deepEqual(
        views.map(({ current }) => current),
        before,
      );
    });
  }

  async addView({ file }: Action): Promise<void> {
    try {
      this.views.push((await this.config.view({ file: `${file}.json` })) as View<Value>);
      this.check();
    } catch (error) {
      // No view has shown a broken file before.
      const isBroken = (error as ConfigError).code === 'LG_SDK_INVALID';
      assert.ok(this.isClosed || isBroken, String(error));
    }
  }

  do(action: Action): void {
    const view = this.views[action.file % this.views.length] ?? this.config;
    const actions: Record<Action['kind'], () => unknown> = {
      prepare: () => this.prepare(action, false),
      same: () => this.prepare({ ...action, isBroken: false }, true),
      commit: () => this.commit(),
      abort: () => this.abort(),
      signal: () => this.newest?.control.abort(),
      view: () => this.waiting.push(this.addView(action)),
      hook: () => this.addHook(view, action),
      listener: () => this.addListener(view, action),
      changes: () => this.waiting.push(this.readChanges(view)),
      run: () => this.waiting.push(this.runPinned(action)),
      close: () => action.isBroken && this.close(),
    };
    actions[action.kind]();
  }
}

test('P1 P4 in any order, views are never torn, nothing unproven is seen and close is the end', async (t) => {
  // A failed assertion of a listener or of a commit is reported as any other throw.
  const failures: string[] = [];
  t.mock.method(process, 'emitWarning', (message: string) => {
    if (!message.endsWith(' failed: no')) failures.push(message);
  });
  await fc.assert(
    fc.asyncProperty(fc.array(ACTION, { maxLength: 40 }), async (actions) => {
      const { config, provider } = await connectToMemory<Value>(
        { file: '0.json' },
        contentsOf(1, undefined),
      );
      const orders = new Orders(config, provider);
      failures.length = 0;
      for (const action of actions) {
        orders.do(action);
        await tick(action.ticks);
        orders.check();
      }
      orders.close();
      await Promise.all(orders.waiting);
      await tick(20);
      orders.check();
      assert.deepEqual([orders.open, failures], [0, []]);
    }),
    { numRuns: 300 },
  );
});
