import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { DEADLINE_MS } from '../deadline.ts';
import { installPackage } from './installed.ts';
import { type Step, sectionsOf } from './page.ts';

const ROOT = join(import.meta.dirname, '../..');
const PAGES = ['docs/sdk.md', 'docs/sdk-integrations.md'];

/** What the pages ask to install beside the package. */
const LIBRARIES = ['zod', 'fastify', '@openfeature', 'pino', 'prom-client'];

/** A line that the test adds to each program. */
const STARTED = 'started\n';

let dir = '';
let folder = '';

before(async () => {
  dir = await installPackage();
  folder = join(dir, 'app');
  for (const name of LIBRARIES)
    symlinkSync(join(ROOT, 'node_modules', name), join(folder, 'node_modules', name));
});
after(() => rmSync(dir, { recursive: true, force: true }));

for (const path of PAGES) {
  const page = readFileSync(join(ROOT, path), 'utf8');
  const sections = sectionsOf(page).filter(({ steps }) => steps.length > 0);
  // The app and the configuration that each section starts from.
  const start = sections[0]?.steps.slice(0, 2) ?? [];

  test(`every block of code of ${path} is a step`, () => {
    const blocks = sections.flatMap(({ steps }) => steps.filter(({ kind }) => kind !== 'run'));
    assert.equal(blocks.length, page.match(/^```\w+$/gm)?.length);
  });

  for (const [index, section] of sections.entries())
    test(`${path}: ${section.heading}`, async (t) => {
      const reader = new Reader();
      t.after(() => reader.stop());
      await reader.follow([...(index === 0 ? [] : start), ...section.steps]);
    });
}

test('the program of README.md runs beside the sidecar, and refuses a version', async (t) => {
  const reader = new Reader();
  t.after(() => reader.stop());
  const [config] = stepsOf('docs/sdk.md', 'The first five minutes');
  const [settings] = stepsOf('docs/sdk.md', 'With a sidecar');
  const [app] = stepsOf('README.md', 'In a Node.js app');
  assert.ok(config && settings && app);
  const show = 'config.onState(({ reason }) => reason && console.log(reason));\n';
  await reader.follow([
    config,
    settings,
    app,
    { ...app, kind: 'add', text: show },
    { ...config, text: 'model: huge\nbatch_size: 16\n' },
    { kind: 'output', file: '', text: 'huge does not fit into memory\n' },
    { ...config, text: 'model: small\nbatch_size: 48\n' },
    { kind: 'output', file: '', text: 'batch size 48\n' },
  ]);
});

function stepsOf(page: string, heading: string): readonly Step[] {
  const sections = sectionsOf(readFileSync(join(ROOT, page), 'utf8'));
  return sections.find((section) => section.heading === heading)?.steps ?? [];
}

/** Does what the page says: lets the app run while files change, and starts it again when it has changed. */
class Reader {
  /** Of the sidecar: what it remembers of one reader's versions is not for the next. */
  readonly #own = mkdtempSync(join(dir, 'reader-'));
  readonly #files = new Map<string, string>();
  #app: ChildProcess | undefined;
  #sidecar: ChildProcess | undefined;
  /** The program that is written, and does not run yet. */
  #toRun: string | undefined;
  /** Since the last output of the page. */
  #printed = '';

  async follow(steps: readonly Step[]): Promise<void> {
    for (const { kind, file, text } of steps) {
      if (kind === 'run') await this.#run();
      else if (kind === 'output') await this.#expect(text);
      else if (kind === 'add') this.#write(file, `${this.#files.get(file)}\n${text}`);
      else await this.#change(file, text);
    }
  }

  async stop(): Promise<void> {
    await this.#stopApp();
    if (this.#sidecar?.kill() === true) await once(this.#sidecar, 'close');
  }

  async #stopApp(): Promise<void> {
    const app = this.#app;
    this.#app = undefined;
    if (app?.kill() === true) await once(app, 'close');
  }

  /** A reader has run what is new, and has seen what it prints, before changing its configuration. */
  async #change(file: string, text: string): Promise<void> {
    if (this.#toRun !== undefined && file.startsWith('config/')) {
      await this.#run();
      this.#printed = '';
    }
    this.#write(file, text);
  }

  #write(file: string, text: string): void {
    this.#files.set(file, text);
    const isProgram = file.endsWith('.mjs');
    if (isProgram) this.#toRun = file;
    const path = join(folder, file);
    mkdirSync(dirname(path), { recursive: true });
    // By rename, as most editors do: the app must not print what it thinks of a file that is half written.
    writeFileSync(join(folder, 'new'), isProgram ? `${text}console.log('started');\n` : text);
    renameSync(join(folder, 'new'), path);
    if (file === 'lastgood.yaml') this.#startSidecar(text);
  }

  /** With the settings of the page, except for the places. `connect` waits until it is there. */
  #startSidecar(settings: string): void {
    const places = `listen: 127.0.0.1:0\nrunDir: ${this.#own}/run\nstateDir: ${this.#own}/state\n`;
    const path = join(this.#own, 'lastgood.yaml');
    writeFileSync(path, places + settings.replace('/lastgood/source/model', `${folder}/config`));
    const args = [join(ROOT, 'sidecar/src/main.ts'), '--config', path];
    this.#sidecar = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  }

  async #run(): Promise<void> {
    await this.#stopApp();
    const program = this.#toRun ?? '';
    this.#toRun = undefined;
    this.#printed = '';
    const isTest = program.endsWith('.test.mjs');
    const args = isTest ? ['--test', program] : [program];
    // A test runner does not start another one.
    const { NODE_TEST_CONTEXT: _, ...env } = process.env;
    const app = spawn(process.execPath, args, {
      cwd: folder,
      env: { ...env, LASTGOOD_SOCKET: join(this.#own, 'run/sdk.sock') },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#app = app;
    app.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.#printed += text;
    });
    if (isTest) assert.deepEqual(await once(app, 'close'), [0, null]);
    else await this.#until(() => this.#printed.includes(STARTED));
    this.#printed = this.#printed.replace(STARTED, '');
  }

  async #expect(text: string): Promise<void> {
    await this.#until(() => this.#printed.length >= text.length);
    assert.equal(this.#printed, text);
    this.#printed = '';
  }

  async #until(isSo: () => boolean): Promise<void> {
    const signal = AbortSignal.timeout(DEADLINE_MS);
    const stdout = this.#app?.stdout;
    assert.ok(stdout, 'the app runs');
    while (!isSo())
      await once(stdout, 'data', { signal }).catch(() => assert.fail(`printed: ${this.#printed}`));
  }
}
