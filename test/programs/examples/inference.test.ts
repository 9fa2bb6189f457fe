import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, type TestContext, test } from 'node:test';
import { formatFinding } from '@lastgood/core/model/finding.ts';
import { freePort } from '../../free-port.ts';
import { get, hammer } from '../reload/hammer.ts';
import { startProgram } from '../reload/program.ts';
import { compileExample, installExample } from './install-example.ts';
import { PLACES, type Place, stateOf } from './place.ts';
import { speak } from './speech.ts';

const CLIENTS = 32;
const MIN_REQUESTS = 500;
const CLIPS = [speak(1, 0), speak(0.5, 1), speak(1.5, 2), speak(1, 3)];
/** How much the batch in which a clip is scored changes its score, and how little the model does. */
const SAME_SCORE = 0.005;
const OTHER_SCORE = 0.05;

const { dir, skip, remove } = await installExample('sdk-inference');
after(remove);

interface Settings {
  readonly model: string;
  readonly batch_size: number;
  readonly threshold: number;
}

interface Answer extends Omit<Settings, 'batch_size'> {
  readonly batch: number;
  readonly score: number;
}

const START: Settings = { model: 'v5', batch_size: 8, threshold: 0.5 };
const V6: Settings = { model: 'v6', batch_size: 2, threshold: 0.7 };
const V5: Settings = { model: 'v5', batch_size: 16, threshold: 0.3 };
const LAST: Settings = { model: 'v6', batch_size: 32, threshold: 0.9 };

/** The server, which clients have not asked yet. */
async function running(context: TestContext, place: Place, swap: 'beside' | 'replace') {
  const write = (settings: Settings) =>
    place.write({ 'config.yaml': JSON.stringify({ threads: 1, ...settings }) });
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  await write(START);
  const program = await startProgram(context, {
    command: [process.execPath, '--env-file=local.env', 'main.ts'],
    cwd: dir,
    env: { ...place.env, PORT: String(port), SWAP: swap },
    ready: () => get(`${url}/ready`),
  });
  const detect = async (clip: Buffer): Promise<Answer> => {
    const response = await fetch(`${url}/detect`, { method: 'POST', body: new Uint8Array(clip) });
    const text = await response.text();
    assert.equal(response.status, 200, text);
    return JSON.parse(text);
  };
  return { url, write, detect, place, program };
}

type Server = Awaited<ReturnType<typeof running>>;

/** Changes the settings and waits until the server runs on them. */
async function change({ url, write, place }: Server, settings: Settings): Promise<void> {
  const before = await stateOf(url, () => true);
  await write(settings);
  const isNew = (state: typeof before) => state.status === 'ok' && state.version !== before.version;
  const { version } = await stateOf(url, isNew);
  await place.status?.(({ active, health }) => active === version && health.state === 'ok');
}

/** Changes the settings to some that the server refuses, and returns why. */
async function refusal(
  { url, write, place }: Server,
  settings: Settings,
): Promise<readonly string[]> {
  const before = await stateOf(url, () => true);
  await write(settings);
  const after = await stateOf(url, ({ rejected }) => {
    return rejected !== undefined && rejected.version !== before.rejected?.version;
  });
  assert.equal(after.status, 'degraded');
  assert.equal(after.version, before.version);
  const reasons = after.rejected?.reasons ?? [];
  const status = await place.status?.(
    ({ rejected }) => rejected?.version === after.rejected?.version,
  );
  if (status !== undefined)
    assert.ok(
      status.rejected?.findings.some((each) => formatFinding(each).includes(reasons[0] ?? '')),
    );
  return reasons;
}

/** What each model answers to each clip, one by one. */
async function scoresOf(server: Server): Promise<Map<string, readonly number[]>> {
  const scores = new Map<string, readonly number[]>();
  for (const settings of [V6, START]) {
    await change(server, settings);
    const answers = [];
    for (const clip of CLIPS) answers.push(await server.detect(clip));
    assert.ok(answers.every(({ model, batch }) => model === settings.model && batch === 1));
    scores.set(
      settings.model,
      answers.map(({ score }) => score),
    );
  }
  for (const [index] of CLIPS.entries()) {
    const [v5 = 0, v6 = 0] = ['v5', 'v6'].map((model) => scores.get(model)?.[index]);
    assert.ok(Math.abs(v5 - v6) > OTHER_SCORE, `clip ${index} has the scores ${v5} and ${v6}`);
  }
  return scores;
}

/** Asks all the time, and fails for an answer that is not of one model and one version. */
async function load(
  context: TestContext,
  { detect }: Server,
  scores: Map<string, readonly number[]>,
) {
  let asked = 0;
  const ask = async () => {
    const index = asked++ % CLIPS.length;
    const answer = await detect(CLIPS[index] ?? Buffer.alloc(0));
    const { model, threshold, batch, score } = answer;
    const off = Math.abs(score - (scores.get(model)?.[index] ?? Number.NaN));
    assert.ok(off < SAME_SCORE, `score of another model: ${JSON.stringify(answer)}`);
    const isOf = (given: Settings) =>
      given.model === model && given.threshold === threshold && batch <= given.batch_size;
    assert.ok([START, V6, V5, LAST].some(isOf), `of two versions: ${JSON.stringify(answer)}`);
    return `${model} ${threshold}`;
  };
  return hammer(context, ask, CLIENTS);
}

/** How many models are in memory. */
async function countOpen(url: string): Promise<string> {
  return /^speech_models\{state="open"\} (\d+)$/m.exec(await get(`${url}/metrics`))?.[1] ?? '';
}

test('sdk-inference compiles', { skip }, async () => {
  assert.equal(await compileExample(dir), '');
});

for (const [where, placeIn] of PLACES)
  for (const swap of ['beside', 'replace'] as const)
    test(`sdk-inference ${where} switches v5 → v6 → v5 under load with ${swap}, and no request fails`, {
      skip,
    }, async (context) => {
      await switchUnderLoad(context, await placeIn(context, dir), swap);
    });

async function switchUnderLoad(context: TestContext, place: Place, swap: 'beside' | 'replace') {
  const server = await running(context, place, swap);
  const scores = await scoresOf(server);
  const clients = await load(context, server, scores);
  const counts = await hammer(context, () => countOpen(server.url), 1);
  for (const settings of [V6, V5]) {
    const { model, threshold } = settings;
    await change(server, settings);
    await clients.sees((body) => body === `${model} ${threshold}`, model);
  }

  assert.deepEqual(await refusal(server, { ...V5, model: 'legacy' }), [
    'model legacy takes the inputs c, h, input, sr; this server gives it input, sr, state',
  ]);
  assert.deepEqual(await refusal(server, { ...V5, model: 'v7' }), ['there is no model v7']);
  await damageModel();
  const [reason = ''] = await refusal(server, { ...V5, model: 'damaged' });
  assert.match(reason, /silero_vad_damaged/);
  const [line = ''] = await refusal(server, { ...V5, batch_size: 128 });
  assert.match(line, /^config\.yaml:1:\d+: .*batch_size/);
  // The server goes on with v5, and takes the next good version.
  await clients.sees((body) => body === 'v5 0.3', 'v5');
  await change(server, LAST);
  await clients.sees((body) => body === 'v6 0.9', 'v6');

  const { failures, bodies } = await clients.stop(MIN_REQUESTS);
  assert.deepEqual(failures, []);
  assert.deepEqual(bodies, ['v5 0.5', 'v6 0.7', 'v5 0.3', 'v6 0.9']);
  // With `beside`, the model before is closed when its last request has ended.
  await counts.sees((count) => count === '1', 'single model');
  const seen = await counts.stop(1);
  assert.deepEqual(seen.failures, []);
  if (swap === 'replace')
    assert.deepEqual(
      seen.bodies.filter((count) => count > '1'),
      [],
    );
  assert.equal(await countOpen(server.url), '1');
  assert.equal(await server.program.end(), '0');
  await place.status?.(({ subscribers }) => subscribers?.count === 0);
}

/** A model that can be found and cannot be loaded. */
async function damageModel(): Promise<void> {
  const models = join(dir, 'node_modules/@ricky0123/vad-web/dist');
  const content = await readFile(join(models, 'silero_vad_v6.onnx'));
  await writeFile(join(models, 'silero_vad_damaged.onnx'), content.subarray(0, content.length / 2));
}
