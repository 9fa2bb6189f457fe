/** The command as a real process. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { DEADLINE_MS } from '../deadline.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const MAIN = fileURLToPath(import.meta.resolve('./main.ts'));
const SWAPPED = /^web\/model: swapped to \.\.\d{4}_[\d_.]+ \(1 file\)$/;

/** A pod with a volume from a ConfigMap whose `config.yaml` is `value`. */
const manifestOf = (value: string) => `kind: ConfigMap
metadata: { name: settings }
data:
  config.yaml: ${value}
---
kind: Pod
metadata: { name: web }
spec:
  volumes:
    - name: model
      configMap: { name: settings }
    - name: token
      projected: { sources: [{ serviceAccountToken: { path: token } }] }
`;

/** A running command. A test waits for its lines, and takes each once. */
class Command {
  readonly child: ChildProcess;
  readonly #lines: string[] = [];
  readonly #arrivals = new EventEmitter();
  readonly #closed: Promise<unknown[]>;

  constructor(args: readonly string[]) {
    const stdio = ['ignore', 'pipe', 'pipe'] as const;
    const child = spawn(process.execPath, [MAIN, ...args], { stdio: [...stdio] });
    this.child = child;
    this.#closed = once(child, 'close');
    for (const input of [child.stdout, child.stderr]) {
      createInterface({ input }).on('line', (line) => {
        this.#lines.push(line);
        this.#arrivals.emit('line');
      });
    }
  }

  /** The next line that is like this, from either stream. */
  async line(pattern: RegExp): Promise<string> {
    for (;;) {
      const at = this.#lines.findIndex((line) => pattern.test(line));
      if (at >= 0) return this.#lines.splice(at, 1)[0] ?? '';
      await Promise.race([once(this.#arrivals, 'line'), this.#failOnExit(pattern)]);
    }
  }

  async end(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.#closed;
  }

  async exitCode(): Promise<unknown> {
    const [code] = await this.#closed;
    return code;
  }

  async #failOnExit(pattern: RegExp): Promise<never> {
    await this.#closed;
    return assert.fail(`ended before a line like ${pattern}; left: ${this.#lines.join('\n')}`);
  }
}

/** A manifest on disk and the command on it. */
function setUp(t: TestContext, ...more: readonly string[]) {
  const commands: Command[] = [];
  // Hooks run in their order: nothing may write into the directory when it is removed.
  t.after(() => Promise.all(commands.map((command) => command.end())));
  const dir = temporaryDirectory(t);
  const manifest = join(dir, 'pod.yaml');
  const root = join(dir, 'root');
  writeFileSync(manifest, manifestOf('one'));
  const start = () => {
    const command = new Command(['--manifest', manifest, '--root', root, ...more]);
    commands.push(command);
    return command;
  };
  const config = () => readFileSync(join(root, 'web/model/config.yaml'), 'utf8');
  return { manifest, start, config };
}

/** Saves as many editors do: a new file beside the old one, renamed over it. */
function saveByRename(manifest: string, text: string): void {
  writeFileSync(`${manifest}.new`, text);
  renameSync(`${manifest}.new`, manifest);
}

/** Of all tests of a suite together, each of which starts some processes. */
const limits = { timeout: 10 * DEADLINE_MS };

describe('the command, run once,', limits, () => {
  test('projects every volume and exits with 0', async (t) => {
    const { start, config } = setUp(t, '--once', '--order', 'old');
    const command = start();
    assert.match(await command.line(/model/), SWAPPED);
    assert.equal(await command.exitCode(), 0);
    assert.equal(config(), 'one');
  });

  test('exits with 1 when a volume is refused', async (t) => {
    const { start, manifest } = setUp(t, '--once');
    writeFileSync(manifest, manifestOf('one').replace('name: settings', 'name: other'));
    const command = start();
    await command.line(/^web\/model: refused: configmap "settings" not found$/);
    assert.equal(await command.exitCode(), 1);
  });

  test('exits with 1 when the manifest is broken, and tells where', async (t) => {
    const { start, manifest } = setUp(t, '--once');
    writeFileSync(manifest, manifestOf('[one'));
    const command = start();
    const line = await command.line(/pod\.yaml/);
    assert.match(line, new RegExp(`^${RegExp.escape(manifest)}:\\d+:\\d+: \\S`));
    assert.equal(await command.exitCode(), 1);
  });
});

describe('the command, used wrongly,', limits, () => {
  const wrong: readonly (readonly [string[], RegExp])[] = [
    [[], /^--manifest is missing; see --help$/],
    [['--manifest', 'x'], /^--root is missing; see --help$/],
    [['--manifest', 'x', '--root', 'y', '--order', 'odd'], /^--order must be new or old/],
    [['--manifest', 'x', '--root', 'y', '--delay', '3'], /^--delay must be a duration such as 30s/],
    [
      ['--manifest', 'x', '--root', 'y', '--token-rotation', '0s'],
      /^--token-rotation must be more/,
    ],
    [['--frob'], /^Unknown option '--frob'/],
  ];
  for (const [args, message] of wrong) {
    test(`exits with 2: ${args.join(' ') || 'no flags'}`, async (t) => {
      const command = new Command(args);
      t.after(() => command.end());
      await command.line(message);
      assert.equal(await command.exitCode(), 2);
    });
  }

  test('explains itself with --help and exits with 0', async (t) => {
    const command = new Command(['--help']);
    t.after(() => command.end());
    await command.line(/^Usage: npm run kubelet -- --manifest FILE --root DIR/);
    assert.equal(await command.exitCode(), 0);
  });
});

describe('the command, left running,', limits, () => {
  test('swaps when the manifest is edited in place', async (t) => {
    const { start, manifest, config } = setUp(t);
    const command = start();
    await command.line(SWAPPED);
    for (const value of ['two', 'three']) {
      writeFileSync(manifest, manifestOf(value));
      await command.line(SWAPPED);
      assert.equal(config(), value);
    }
  });

  test('swaps when an editor renames a new file over the manifest, each time', async (t) => {
    const { start, manifest, config } = setUp(t);
    const command = start();
    await command.line(SWAPPED);
    for (const value of ['two', 'three']) {
      saveByRename(manifest, manifestOf(value));
      await command.line(SWAPPED);
      assert.equal(config(), value);
    }
  });

  test('tells where a manifest breaks, keeps the volume, and goes on with the fix', async (t) => {
    const { start, manifest, config } = setUp(t);
    const command = start();
    await command.line(SWAPPED);
    // In one step: of a file that is half written, the command would tell something else first.
    saveByRename(manifest, manifestOf('yes'));
    const finding = await command.line(/pod\.yaml:\d/);
    assert.equal(finding, `${manifest}:4:16: data.config.yaml: expected string, received boolean`);
    assert.equal(config(), 'one');
    writeFileSync(manifest, manifestOf('two'));
    await command.line(SWAPPED);
    assert.equal(config(), 'two');
  });

  test('says which volumes did not change', async (t) => {
    const { start, manifest } = setUp(t);
    const command = start();
    await command.line(/^web\/token: swapped/);
    writeFileSync(manifest, manifestOf('two'));
    await command.line(/^web\/token: unchanged$/);
  });

  test('waits for a manifest that is not there yet', async (t) => {
    const { start, manifest, config } = setUp(t);
    renameSync(manifest, `${manifest}.away`);
    const command = start();
    await command.line(/pod\.yaml: cannot be read: ENOENT$/);
    renameSync(`${manifest}.away`, manifest);
    await command.line(SWAPPED);
    assert.equal(config(), 'one');
  });

  test('swaps no sooner than --delay after an edit', async (t) => {
    const { start, manifest } = setUp(t, '--delay', '400ms');
    const command = start();
    await command.line(SWAPPED);
    const editedAt = performance.now();
    writeFileSync(manifest, manifestOf('two'));
    await command.line(SWAPPED);
    assert.ok(performance.now() - editedAt >= 400);
  });

  test('rotates tokens with --token-rotation', async (t) => {
    const { start } = setUp(t, '--token-rotation', '50ms');
    const command = start();
    const first = await command.line(/^web\/token: swapped/);
    const second = await command.line(/^web\/token: swapped/);
    assert.notEqual(second, first);
  });
});

describe('the command ends with 0', limits, () => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    test(`on ${signal}`, async (t) => {
      const command = setUp(t, '--token-rotation', '1h').start();
      await command.line(/^web\/token: swapped/);
      command.child.kill(signal);
      assert.equal(await command.exitCode(), 0);
    });
  }

  test('on SIGTERM in the middle of a delay', async (t) => {
    const { start, manifest } = setUp(t, '--delay', '1h');
    const command = start();
    await command.line(SWAPPED);
    writeFileSync(manifest, manifestOf('[broken'));
    command.child.kill('SIGTERM');
    assert.equal(await command.exitCode(), 0);
  });
});
