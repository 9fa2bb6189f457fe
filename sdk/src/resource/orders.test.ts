import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { fc } from '../../../test/property.ts';
import type { Resource } from '../config-resource.ts';
import { TestHost } from './host.testing.ts';
import { openResource } from './resource.ts';

/** What the app's functions do, one after the other. Turns are those of the event loop. */
interface Behaviour {
  readonly openTurns: number;
  readonly closeTurns: number;
  readonly fault: 'open' | 'check' | 'close' | undefined;
  readonly heedsSignal: boolean;
}

type Step =
  | { readonly do: 'prepare'; readonly value: number }
  | { readonly do: 'use'; readonly turns: number; readonly throws: boolean }
  | { readonly do: 'acquire'; readonly turns: number }
  | { readonly do: 'turn'; readonly count: number }
  | { readonly do: 'commit' | 'abort' | 'minute' | 'close' };

interface Opened {
  readonly part: number;
  isOpen: boolean;
}

const MINUTE_MS = 60_000;
/** More than any order of steps needs to come to rest. */
const MAX_TURNS = 1000;

const turns = fc.nat({ max: 3 });
const behaviour: fc.Arbitrary<Behaviour> = fc.record({
  openTurns: turns,
  closeTurns: turns,
  fault: fc.constantFrom('open', 'check', 'close', undefined, undefined, undefined, undefined),
  heedsSignal: fc.boolean(),
});
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('prepare' as const), value: turns }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('use' as const), turns, throws: fc.boolean() }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('acquire' as const), turns }) },
  { weight: 4, arbitrary: fc.constant({ do: 'commit' as const }) },
  { weight: 2, arbitrary: fc.constant({ do: 'abort' as const }) },
  {
    weight: 8,
    arbitrary: fc.record({ do: fc.constant('turn' as const), count: fc.nat({ max: 10 }) }),
  },
  { weight: 1, arbitrary: fc.constant({ do: 'minute' as const }) },
  { weight: 1, arbitrary: fc.constant({ do: 'close' as const }) },
);

/** A device that counts what is on it, from the start of `open` to the end of `close`. */
class Device {
  readonly #behaviours: readonly Behaviour[];
  #calls = 0;
  /** From now on nothing fails. */
  isHealed = false;
  loaded = 0;
  peak = 0;

  constructor(behaviours: readonly Behaviour[]) {
    this.#behaviours = behaviours;
  }

  #next(): Behaviour {
    const next = this.#behaviours[this.#calls % this.#behaviours.length] as Behaviour;
    this.#calls += 1;
    return this.isHealed ? { ...next, fault: undefined } : next;
  }

  readonly open = async (part: number, { signal }: { signal: AbortSignal }): Promise<Opened> => {
    const { openTurns, fault, heedsSignal } = this.#next();
    this.loaded += 1;
    this.peak = Math.max(this.peak, this.loaded);
    try {
      for (let done = 0; done < openTurns; done += 1) {
        await turn();
        if (heedsSignal) signal.throwIfAborted();
      }
      if (fault === 'open') throw new Error('cannot open');
    } catch (error) {
      this.loaded -= 1;
      throw error;
    }
    return { part, isOpen: true };
  };

  readonly check = async (): Promise<void> => {
    const { openTurns, fault } = this.#next();
    if (openTurns > 1) await turn();
    if (fault === 'check') throw new Error('cannot use');
  };

  readonly close = async (opened: Opened): Promise<void> => {
    const { closeTurns, fault } = this.#next();
    assert.ok(opened.isOpen, 'closed once');
    opened.isOpen = false;
    for (let done = 0; done < closeTurns; done += 1) await turn();
    this.loaded -= 1;
    if (fault === 'close') throw new Error('cannot close');
  };
}

/** Takes the steps, with users that fail if what they use is closed. */
class Run {
  readonly host = new TestHost(0);
  readonly device: Device;
  readonly #resource: Resource<Opened>;
  readonly #committed = new Set([0]);
  readonly #users: Promise<void>[] = [];
  readonly #changes: Promise<void>[] = [];
  closing: Promise<void> | undefined;

  private constructor(device: Device, host: TestHost<number>, resource: Resource<Opened>) {
    this.device = device;
    this.host = host;
    this.#resource = resource;
  }

  static async start(swap: 'beside' | 'replace', behaviours: readonly Behaviour[]) {
    const device = new Device(behaviours);
    const host = new TestHost(0);
    const { open, check, close } = device;
    const select = (value: number) => value;
    const limits = { drainMs: Number.POSITIVE_INFINITY, waitMs: Number.POSITIVE_INFINITY };
    device.isHealed = true;
    const resource = await openResource({ select, open, check, close, swap, ...limits }, host);
    device.isHealed = false;
    return new Run(device, host, resource);
  }

  async take(next: Step): Promise<void> {
    if (next.do === 'turn') for (let done = 0; done < next.count; done += 1) await turn();
    if (next.do === 'minute') mock.timers.tick(MINUTE_MS);
    else if (next.do === 'use') this.#users.push(this.#use(next.turns, next.throws));
    else if (next.do === 'acquire') this.#users.push(this.#acquire(next.turns));
    else if (next.do === 'abort') this.host.abort();
    else if (next.do === 'close') this.closing ??= this.host.close(new Error('closed'));
    else if (next.do === 'prepare') this.#prepare(next.value);
    else if (next.do === 'commit' && this.host.commit()) this.#committed.add(this.host.current);
  }

  #prepare(value: number): void {
    if (this.closing === undefined) this.#changes.push(this.host.prepare(value).catch(() => {}));
  }

  async #use(count: number, throws: boolean): Promise<void> {
    const using = this.#resource.use(async (opened) => {
      await this.#look(opened, count);
      if (throws) throw new Error('thrown by the user');
    });
    await this.#expect(using, throws ? /thrown by the user|closed/ : /closed/);
  }

  async #acquire(count: number): Promise<void> {
    const acquiring = this.#resource.acquire().then(async (lease) => {
      await this.#look(lease.value, count);
      lease.release();
    });
    await this.#expect(acquiring, /closed/);
  }

  async #look(opened: Opened, count: number): Promise<void> {
    assert.ok(this.#committed.has(opened.part), 'P4 of a version that was committed');
    for (let done = 0; done < count; done += 1) {
      assert.ok(opened.isOpen, 'open while it is used');
      await turn();
    }
    assert.ok(opened.isOpen, 'open while it is used');
  }

  async #expect(work: Promise<void>, refusal: RegExp): Promise<void> {
    try {
      await work;
    } catch (error) {
      assert.match(String(error), refusal);
    }
  }

  /** Nothing fails from now on: all ends, and what is open is what is active. */
  async comeToRest(): Promise<void> {
    this.device.isHealed = true;
    this.host.abort();
    await this.#inTime(Promise.all([...this.#users, ...this.#changes]));
    if (this.closing === undefined) {
      const using = this.#resource.use(({ part }) => part);
      await this.#inTime(using);
      assert.equal(await using, this.host.current);
      await this.#inTime(this.#untilLoaded(1));
      assert.deepEqual(this.#resource.stats(), { open: 1, inUse: 0, draining: 0 });
    }
    this.closing ??= this.host.close(new Error('closed'));
    await this.#inTime(this.closing);
    await this.#inTime(this.#untilLoaded(0));
    for (const error of this.host.errors) assert.match(String(error), /cannot close/);
    assert.deepEqual(this.#resource.stats(), { open: 0, inUse: 0, draining: 0 });
  }

  async #untilLoaded(count: number): Promise<void> {
    while (this.device.loaded !== count) await turn();
  }

  async #inTime(work: Promise<unknown>): Promise<void> {
    let isDone = false;
    const end = () => {
      isDone = true;
    };
    work.then(end, end);
    for (let count = 0; count < MAX_TURNS && !isDone; count += 1) {
      mock.timers.tick(MINUTE_MS);
      await turn();
    }
    assert.ok(isDone, 'it comes to rest');
    await work;
  }
}

for (const swap of ['beside', 'replace'] as const)
  test(`${swap}: in any order, users have one that is open and committed, and nothing stays open`, async (context) => {
    mock.timers.enable({ apis: ['setTimeout'] });
    context.after(() => mock.timers.reset());
    const plan = fc.tuple(
      fc.array(step, { minLength: 1, maxLength: 60, size: 'max' }),
      fc.array(behaviour, { minLength: 1, maxLength: 8 }),
    );
    await fc.assert(
      fc.asyncProperty(plan, async ([steps, behaviours]) => {
        const run = await Run.start(swap, behaviours);
        for (const next of steps) await run.take(next);
        await run.comeToRest();
        if (swap === 'replace') assert.equal(run.device.peak, 1, 'never two on the device');
      }),
      { numRuns: 300 },
    );
  });
