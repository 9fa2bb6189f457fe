import { type Edits, makeEdits } from './edits.ts';
import { check } from './failure.ts';
import { ms, type Teller } from './teller.ts';
import { phaseEnded, readPhase } from './volumes.ts';

/** Tells all chapters in order, each checked against the app and the published directory. */
export async function tellStory(teller: Teller): Promise<void> {
  const edits = makeEdits();
  await firstStart(teller, edits);
  await goodChange(teller, edits);
  await typo(teller, edits);
  await wrongValue(teller, edits);
  await refusal(teller, edits);
  await crash(teller, edits);
  await fix(teller, edits);
}

async function firstStart(teller: Teller, { first }: Edits): Promise<void> {
  const { stage, screen } = teller;
  teller.chapter(
    'A first good start',
    'lastgood starts before the app, and is ready once a good configuration is published.',
  );
  await teller.configure(first);
  screen.row('ConfigMap', 'config.yaml as in examples/inference-server');
  const startedMs = performance.now();
  const sidecar = await stage.startSidecar();
  const readyMs = performance.now() - startedMs;
  screen.row('lastgood', `/readyz → 200 after ${ms(readyMs)}; only now is the app started`);
  check('published before the app starts', stage.published().text, first);
  await stage.startApp();
  const ending = await sidecar.ending(0);
  check('the first rollout is committed', ending.outcome, 'committed');
  teller.says(ending);
  const { version, prediction } = await teller.asks();
  check('the app loaded the first checkpoint', prediction.model.checkpoint, 'review-sentiment-v7');
  await teller.runsOn(first, version);
  const told = ending.steps.filter(({ step }) => step === 'deliver');
  check('the app was not notified', told, []);
  screen.checked('the app found a complete and valid directory, without a notification');
  teller.end('A first good start', 'committed', `ready in ${ms(readyMs)}`);
}

async function goodChange(teller: Teller, { good }: Edits): Promise<void> {
  const { screen, stage } = teller;
  teller.chapter('A good change', 'A newer checkpoint, with five labels instead of three.');
  const { ending, appliedMs, committedMs } = await teller.rollsForward(good);
  const { version, prediction } = await teller.asks();
  check('the app loaded the new checkpoint', prediction.model.checkpoint, 'review-sentiment-v8');
  check('the label is one of the new ones', prediction.label, 'very positive');
  await teller.runsOn(good, version);
  screen.row('time', `${ms(appliedMs)} from the kubelet's swap to the first answer with it,`);
  screen.row('', `${ms(committedMs)} to the commit, of which ${ms(stage.holdMs)} are probation`);
  teller.steps(ending);
  screen.checked(`app, published directory and /status agree on ${version}`);
  teller.end('A good change', 'committed', `answers after ${ms(appliedMs)}`);
}

async function typo(teller: Teller, { typo }: Edits): Promise<void> {
  teller.chapter('A typo', 'One space too many, so the file is not valid YAML.');
  const finding = /config\.yaml:\d+:\d+: .*\[LG_VALIDATE_SYNTAX\]/;
  const tookMs = await teller.rejects(typo, finding);
  teller.end('A typo', 'rejected', `verdict after ${ms(tookMs)}`);
}

async function wrongValue(teller: Teller, { schema }: Edits): Promise<void> {
  teller.chapter('A wrong value', 'Valid YAML, but two zeros too many for model.schema.json.');
  const line = schema.split('\n').findIndex((text) => text.includes('3200')) + 1;
  const finding = new RegExp(`config\\.yaml:${line}:\\d+: .*512.*\\[LG_VALIDATE_SCHEMA\\]`);
  const tookMs = await teller.rejects(schema, finding);
  teller.end('A wrong value', 'rejected', `verdict after ${ms(tookMs)}`);
}

async function refusal(teller: Teller, { good, refused }: Edits): Promise<void> {
  const { screen, stage } = teller;
  teller.chapter(
    'A change that only the app can check',
    'The schema allows cuda. The app finds that this node has none when it loads the model.',
  );
  const before = stage.published();
  const mark = stage.sidecar.child.mark;
  const swappedMs = await teller.change(refused);
  const ending = await stage.sidecar.ending(mark);
  const tookMs = performance.now() - swappedMs;
  check('the rollout is rolled back', ending.outcome, 'rolled-back');
  check('the reason is that of the app', /cuda is not available/.test(ending.msg), true);
  teller.says(ending);
  const { version, prediction } = await teller.asks();
  check('the app still runs on the last good version', version, before.version);
  check('and answers as before', prediction.label, 'very positive');
  await teller.runsOn(good, version);
  screen.row(
    'time',
    `${ms(tookMs)} from the swap until the last good version was back and confirmed`,
  );
  teller.steps(ending);
  screen.checked('the published directory has the last good config.yaml again, byte for byte');
  teller.end('A change that only the app can check', 'rolled back', `back after ${ms(tookMs)}`);
}

async function crash(teller: Teller, { crash }: Edits): Promise<void> {
  const { screen, stage } = teller;
  teller.chapter(
    'A crash in the middle',
    'A good change; SIGKILL ends lastgood just after the app has accepted it.',
  );
  const mark = stage.sidecar.child.mark;
  const appMark = stage.app.child.mark;
  const swappedMs = await teller.change(crash);
  const told = await stage.sidecar.line('the delivery', ({ step }) => step === 'deliver', mark);
  // The log line comes before the journal, and only the journal survives.
  await phaseEnded(stage.volumes, 'delivering');
  const killedMs = performance.now();
  await stage.killSidecar();
  // Where this process is slow, the kill comes too late for the probation; the journal has the version then.
  const isTooLate = readPhase(stage.volumes) === 'steady';
  const when = isTooLate ? 'just after the commit: this machine is slow' : 'during the probation';
  teller.says(told);
  screen.row('kill -9', `${ms(killedMs - swappedMs)} after the swap, ${when}`, 'bad');
  await teller.asks();
  const sidecar = await stage.startSidecar();
  screen.row('lastgood', `started again, ready after ${ms(performance.now() - killedMs)}`);
  if (!isTooLate) {
    const ending = await sidecar.line('the commit', ({ outcome }) => outcome === 'committed', 0);
    teller.says(ending);
    check('it is the same rollout', ending.rollout, told.rollout);
  }
  const tookMs = performance.now() - killedMs;
  const { version } = await teller.asks();
  await teller.runsOn(crash, version);
  const heard = stage.app.child.since(appMark).filter((line) => line.includes(version));
  check('the app was notified once', heard.length, 1);
  screen.checked(`it continued where the journal ended, and did not notify the app again`);
  teller.end('A crash in the middle', 'committed', `${ms(tookMs)} after the kill`);
}

async function fix(teller: Teller, { refused, fix }: Edits): Promise<void> {
  const { screen, stage } = teller;
  teller.chapter(
    'The fix goes forward',
    'The cuda file again, which lastgood remembers as rejected; then the fix.',
  );
  await teller.rejects(refused, /cuda is not available/);
  const degraded = await stage.sidecar.bundle();
  check(
    'lastgood is degraded, and ready',
    [degraded.health.state, degraded.ready],
    ['degraded', true],
  );
  screen.row('/status', 'degraded, but ready: the app runs on the last good version', 'bad');
  screen.line();
  const { appliedMs } = await teller.rollsForward(fix);
  const { version } = await teller.asks();
  await teller.runsOn(fix, version);
  const { health, rejected } = await stage.sidecar.bundle();
  check('lastgood is ok again', [health.state, rejected], ['ok', null]);
  screen.row('/status', 'ok', 'good');
  screen.row('time', `${ms(appliedMs)} from the kubelet's swap to the first answer with it`);
  screen.checked('lastgood knew the bad version, even after the crash; the fix did not wait');
  teller.end('The fix goes forward', 'committed', `answers after ${ms(appliedMs)}`);
}

/** What the client saw of all this. */
export function closeBooks({ screen, stage, goodVersions, results }: Teller): void {
  const { traffic } = stage;
  screen.heading('In short');
  screen.line();
  const rows = results.map(({ chapter, outcome, time }, index) => [
    `${index + 1}`,
    chapter,
    outcome,
    time,
  ]);
  screen.table([['', 'chapter', 'outcome', 'time'], ...rows]);
  screen.line();
  check('no request failed', traffic.failures, []);
  check('each answer named a committed version', traffic.versions, goodVersions);
  const answered = traffic.answered.toLocaleString('en');
  screen.row(
    'client',
    `${answered} requests answered meanwhile, ${traffic.failed} failed, the slowest in ${ms(traffic.slowestMs)}`,
    'good',
  );
  screen.checked(
    `its answers named the ${goodVersions.length} committed versions and none of the bad ones`,
  );
}
