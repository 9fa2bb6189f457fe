import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { View } from '../config.ts';
import { ConfigError } from '../config-error.ts';
import { connectToMemory, json } from './memory-provider.testing.ts';

/** Accepts what the function does, when it says so. */
function schemaOf(accepts: (value: unknown) => boolean | Promise<boolean>): StandardSchemaV1 {
  const validate = async (value: unknown) =>
    (await accepts(value)) ? { value } : { issues: [{ message: 'not good' }] };
  return { '~standard': { version: 1, vendor: 'test', validate } };
}

test('P1 all views have changed before the first listener is called', async () => {
  const { config, provider } = await connectToMemory();
  const other = await config.view({ file: 'b.json' });
  const seen: unknown[] = [];
  const look = () => void seen.push(config.current, other.current);
  config.prepare(() => ({ commit: look }));
  config.onChange(look);
  other.onChange(look);
  await provider.push(json(2));
  assert.deepEqual(seen, Array(6).fill({ n: 2 }));
  await config.close();
});

test('a change of another file keeps the value, and calls no listener', async () => {
  const { config, provider } = await connectToMemory();
  const other = await config.view<undefined>({ file: 'b.json' });
  const before = other.current;
  const calls: string[] = [];
  config.onChange(() => void calls.push('a'));
  other.onChange(() => void calls.push('b'));
  const waiting = other.changes().next();
  await provider.push({ ...json(1), 'a.json': '{"n":2}' });
  assert.deepEqual([calls, other.current === before], [['a'], true]);
  assert.equal(other.version, config.version);
  await provider.push(json(2));
  assert.deepEqual([calls, (await waiting).value.next], [['a', 'b'], { n: 2 }]);
  await config.close();
});

test('the same view twice is one, and its hooks too', async () => {
  const { config, provider } = await connectToMemory();
  let calls = 0;
  for (let index = 0; index < 3; index += 1) {
    const view = await config.view({ file: 'b.json' });
    view.prepare(() => {
      calls += 1;
    });
    assert.equal(view.current, (await config.view({ file: 'b.json' })).current);
  }
  const other = () => config.view({ file: 'b.json', format: 'json' });
  const [one, two] = await Promise.all([other(), other()]);
  assert.equal(one.current, two.current);
  await provider.push(json(2));
  assert.equal(calls, 3);
  await config.close();
});

test('a view whose schema refuses the active version rejects, and changes nothing', async () => {
  const { config, provider } = await connectToMemory();
  const schema = schemaOf(() => false);
  await assert.rejects(config.view({ file: 'b.json', schema }), (error) => {
    assert.ok(error instanceof ConfigError);
    assert.deepEqual([error.code, error.location?.file], ['LG_SDK_INVALID', 'b.json']);
    return true;
  });
  assert.equal((await provider.push(json(2))).verdict, 'accept');
  await config.close();
});

test('a view that is added while a candidate is prepared changes with the others', async () => {
  const { config, provider } = await connectToMemory();
  let view: View<unknown> | undefined;
  config.prepare(async () => {
    view ??= await config.view({ file: 'b.json' });
    assert.deepEqual(view.current, { n: config.current.n });
  });
  assert.equal((await provider.push(json(2))).verdict, 'accept');
  assert.deepEqual(view?.current, { n: 2 });
  await config.close();
});

test('the schema of a view that a hook adds can reject the candidate', async () => {
  const { config, provider } = await connectToMemory();
  const schema = schemaOf((value) => (value as { n: number }).n === 1);
  config.prepare(() => void config.view({ file: 'b.json', schema }));
  const stop = config.prepare(() => config.view({ file: 'b.json', schema }).then(() => {}));
  assert.equal((await provider.push(json(2))).verdict, 'reject');
  stop();
  await config.close();
});

test('a hook of a view that is added at any moment of a rollout gets a value, or is not called', async () => {
  for (let ticks = 0; ticks < 20; ticks += 1) {
    const { config, provider } = await connectToMemory();
    const gate = Promise.withResolvers<void>();
    const schema = schemaOf(async () => {
      for (let tick = 0; tick < ticks; tick += 1) await undefined;
      return true;
    });
    config.prepare(() => gate.promise);
    const seen: unknown[] = [];
    const adding = config.view({ file: 'b.json', schema }).then((view) => {
      view.prepare((next) => void seen.push(next));
      return view;
    });
    const pushing = provider.push(json(2));
    const view = await adding;
    await new Promise(setImmediate);
    gate.resolve();
    assert.equal((await pushing).verdict, 'accept');
    assert.deepEqual([config.current, view.current], [{ n: 2 }, { n: 2 }]);
    assert.ok(!seen.includes(undefined), `after ${ticks} microtasks`);
    await config.close();
  }
});

test('a view that is added between prepare and commit changes with the others', async () => {
  const { config, provider } = await connectToMemory();
  const candidate = provider.candidate(json(2));
  await provider.prepare(candidate);
  const view = await config.view({ file: 'b.json' });
  assert.deepEqual(view.current, { n: 1 });
  provider.subscriber?.commit(candidate.rollout);
  assert.deepEqual([config.current, view.current], [{ n: 2 }, { n: 2 }]);
  await config.close();
});

test('a view waits for the end of a candidate that it cannot take', async () => {
  const { config, provider } = await connectToMemory();
  const isOne = schemaOf((value) => (value as { n: number }).n === 1);
  const aborted = provider.candidate(json(2));
  await provider.prepare(aborted);
  const waiting = config.view({ file: 'b.json', schema: isOne });
  await new Promise(setImmediate);
  provider.subscriber?.abort(aborted.rollout, 'another app refused it');
  assert.deepEqual((await waiting).current, { n: 1 });

  const committed = provider.candidate(json(1));
  await provider.prepare(committed);
  provider.subscriber?.commit(committed.rollout);
  const isOld = schemaOf((value) => (value as { n: number }).n === 1);
  const next = provider.candidate({
    'a.json': '{"n":3}',
    'b.json': '{"n":1}',
    'c.json': '{"n":3}',
  });
  await provider.prepare(next);
  const refused = config.view({ file: 'a.json', schema: isOld });
  await new Promise(setImmediate);
  provider.subscriber?.commit(next.rollout);
  await assert.rejects(refused, { code: 'LG_SDK_INVALID' });
  await config.close();
});

test('a view that is read while another version is committed is of the new one', async () => {
  const { config, provider } = await connectToMemory();
  const gate = Promise.withResolvers<boolean>();
  const schema = schemaOf(() => gate.promise);
  const adding = config.view({ file: 'b.json', schema });
  await provider.push(json(2));
  gate.resolve(true);
  assert.deepEqual((await adding).current, { n: 2 });
  await config.close();
});

test('a view that is added in a run reads the version of the run', async () => {
  const { config, provider } = await connectToMemory();
  await config.run(async () => {
    await provider.push(json(2));
    const view = await config.view({ file: 'b.json' });
    assert.deepEqual([config.current, view.current], [{ n: 1 }, { n: 1 }]);
  });
  assert.deepEqual((await config.view({ file: 'b.json' })).current, { n: 2 });
  await config.close();
});

test('P1 a view that was added after a run began reads the version of that run, or rejects', async () => {
  const { config, provider } = await connectToMemory();
  const gate = Promise.withResolvers<void>();
  const refusesOne = schemaOf((value) => (value as { n: number }).n !== 1);
  const reading = config.run(async () => {
    await gate.promise;
    const options = { file: 'b.json', schema: refusesOne };
    await assert.rejects(config.view(options), { code: 'LG_SDK_INVALID' });
    const view = await config.view({ file: 'b.json' });
    return [config.current, view.current];
  });
  await provider.push(json(2));
  await config.view({ file: 'b.json' });
  await config.view({ file: 'b.json', schema: refusesOne });
  gate.resolve();
  assert.deepEqual(await reading, [{ n: 1 }, { n: 1 }]);
  await config.close();
});

test('options that the app changes later change no view', async () => {
  const { config, provider } = await connectToMemory();
  const options = { file: 'b.json' };
  const view = await config.view(options);
  options.file = 'a.json';
  await provider.push({ ...json(2), 'b.json': '{"n":3}' });
  assert.deepEqual(view.current, { n: 3 });
  await config.close();
});

test('a snapshot has the files of the active version, whose bytes no reader can change', async () => {
  const { config, provider } = await connectToMemory();
  const before = config.snapshot();
  before.bytes('a.json')?.fill(0);
  await provider.push(json(2));
  assert.deepEqual(before.files, [
    { path: 'a.json', secret: false },
    { path: 'b.json', secret: false },
  ]);
  assert.deepEqual([before.text('a.json'), before.text('x')], ['{"n":1}', undefined]);
  assert.equal(config.snapshot().text('b.json'), '{"n":2}');
  assert.equal(config.snapshot().version, config.version);
  await config.close();
});
