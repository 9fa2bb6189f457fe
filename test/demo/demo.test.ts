/** The demo as a person runs it: a real process, here without a terminal. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Child } from './child.ts';

const MAIN = fileURLToPath(import.meta.resolve('./main.ts'));

/** For the demo: stops it as soon as it has printed the heading of its second chapter. */
const PAUSE = `
  const write = process.stdout.write.bind(process.stdout);
  process.stdout.write = (text, ...more) => {
    const isFlushed = write(text, ...more);
    if (text.startsWith('2  ')) process.kill(process.pid, 'SIGSTOP');
    return isFlushed;
  };`;

/** Resolves when the demo has stopped itself at its second chapter: however late that is seen, it is there. */
async function paused(demo: Child): Promise<void> {
  await demo.find('the second chapter', seen(/^2 {2}/));
  while (!/^State:\tT/m.test(readFileSync(`/proc/${demo.pid}/status`, 'utf8'))) await sleep(5);
}

/** Starts the demo with a separate temporary directory, in which it creates all its files. */
function start(t: TestContext, ...args: readonly string[]): { demo: Child; dir: string } {
  return startWith(t, [], args);
}

function startPausing(t: TestContext): { demo: Child; dir: string } {
  return startWith(t, ['--import', `data:text/javascript,${encodeURIComponent(PAUSE)}`], []);
}

function startWith(t: TestContext, flags: readonly string[], args: readonly string[]) {
  const dir = mkdtempSync(join(tmpdir(), 'lastgood-test-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  // The test runner asks for colour in the name of its own terminal.
  const { FORCE_COLOR, ...env } = process.env;
  const demo = new Child('the demo', [...flags, MAIN, ...args], { env: { ...env, TMPDIR: dir } });
  t.after(() => {
    demo.killNow();
    // A demo that ends early leaves its processes behind, in separate groups.
    for (const { pid } of processesOf(dir)) killIfThere(pid);
  });
  return { demo, dir };
}

/** The processes whose command line names a path. */
function processesOf(path: string): { readonly pid: number; readonly line: string }[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const processes = pids.map((pid) => ({ pid: Number(pid), line: commandLineOf(pid) }));
  return processes.filter(({ line }) => line.includes(path));
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended meanwhile.
  }
}

function commandLineOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    // It ended meanwhile.
    return '';
  }
}

const seen = (pattern: RegExp) => (line: string) => pattern.exec(line) ?? undefined;

describe('the demo', { concurrency: true }, () => {
  test('tells every chapter, in plain text, and leaves nothing behind', async (t) => {
    const { demo, dir } = start(t);
    await demo.ended();
    const text = demo.since(0).join('\n');
    assert.equal(demo.exitCode, 0, text);
    const beats = [
      /^1 {2}A first good start$.*\/readyz → 200.*committed [0-9a-f]{12}/ms,
      /^2 {2}A good change$.*\+ {3}checkpoint: review-sentiment-v8$.*→ very positive/ms,
      /^3 {2}A typo$.*config\.yaml:16:\d+: .*\[LG_VALIDATE_SYNTAX\].*was not notified/ms,
      /^4 {2}A wrong value$.*config\.yaml:22:21:.*\[LG_VALIDATE_SCHEMA\]/ms,
      /^5 {2}A change that.*rolled-back .*cuda is not available.*\[LG_DELIVER_REFUSED\]/ms,
      /^6 {2}A crash in the middle$.*kill -9.*started again.*committed/ms,
      /^7 {2}The fix goes forward$.*degraded.*committed/ms,
      /^In short$.*requests answered meanwhile, 0 failed/ms,
      /^What to try next$.*npm run demo -- --stay/ms,
    ];
    for (const beat of beats) assert.match(text, beat);
    assert.ok(!text.includes('\u001b'), 'there are escape codes');
    assert.deepEqual(
      demo.since(0).filter((line) => line.length > 100),
      [],
    );
    assert.deepEqual([readdirSync(dir), processesOf(dir)], [[], []]);
  });

  test('ended by Ctrl-C in the middle leaves nothing behind', async (t) => {
    const { demo, dir } = startPausing(t);
    await paused(demo);
    assert.equal(processesOf(dir).length, 2);
    demo.signal('SIGINT');
    demo.signal('SIGCONT');
    await demo.ended();
    assert.equal(demo.exitCode, 130);
    assert.deepEqual([readdirSync(dir), processesOf(dir)], [[], []]);
  });

  test('that fails says why, and shows the last lines of its processes', async (t) => {
    const { demo, dir } = startPausing(t);
    await paused(demo);
    const lastgood = processesOf(dir).find(({ line }) => line.includes('sidecar/src/main.ts'));
    assert.ok(lastgood !== undefined);
    process.kill(lastgood.pid, 'SIGKILL');
    demo.signal('SIGCONT');
    await demo.ended();
    const text = demo.since(0).join('\n');
    assert.equal(demo.exitCode, 1, text);
    assert.match(
      text,
      /^✗ lastgood ended before the end of the rollout$.*the last lines of lastgood:.*the last lines of the app:/ms,
    );
    assert.deepEqual([readdirSync(dir), processesOf(dir)], [[], []]);
  });

  test('with --stay answers edits until Ctrl-C', async (t) => {
    const { demo, dir } = start(t, '--stay');
    const [, file = ''] = await demo.find('the file to edit', seen(/^ +edit +(\S+config\.yaml)$/));
    await demo.find('the invitation', seen(/waiting/));
    const good = readFileSync(file, 'utf8');
    const edit = async (from: string, to: string, ...outcome: readonly RegExp[]) => {
      const mark = demo.mark;
      assert.ok(good.includes(from));
      writeFileSync(file, good.replace(from, to));
      for (const line of outcome) await demo.find(`${line}`, seen(line), { from: mark });
    };
    const bad = /config\.yaml:15:15: .* must be <= 64 \(is 640\)/;
    await edit('batch_size: 16', 'batch_size: 640', /rejected .* was not notified/, bad);
    await edit('batch_size: 16', 'batch_size: 8', /committed .* answers after .* proven after/);
    await edit('device: cpu', 'device: mps', /rolled back/, /mps is not available/);
    demo.signal('SIGINT');
    await demo.ended();
    assert.equal(demo.exitCode, 0);
    assert.ok(!existsSync(file));
    assert.deepEqual([readdirSync(dir), processesOf(dir)], [[], []]);
  });
});

test('wrong usage and --help start nothing', async (t) => {
  const wrong = start(t, '--sty').demo;
  const help = start(t, '--help').demo;
  await Promise.all([wrong.ended(), help.ended()]);
  assert.deepEqual([wrong.exitCode, help.exitCode], [2, 0]);
  assert.match(wrong.since(0).join('\n'), /--sty.*see --help/);
  assert.match(help.since(0).join('\n'), /^Usage: npm run demo/);
});
