/**
 * Builds the readers of the corpus below node_modules: Python's in a virtual environment, Go's as one
 * program, Java's as a class. `npm run test:system` runs it first. Where one cannot be built it says so
 * in a line, and the tests decide what that means.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CORPUS_DIR, PROGRAMS } from './readers.ts';

const PACKAGES = ['PyYAML==6.0.4', 'python-dotenv==1.2.4'];

/** Go may have to fetch modules, from a mirror that may not answer. */
const TIMEOUT_MS = 1_200_000;

const venv = join(CORPUS_DIR, 'python');

interface Build {
  readonly name: string;
  /** What is built from other sources is built again. */
  readonly sources: readonly string[];
  build(): void;
}

const BUILDS: readonly Build[] = [
  {
    name: 'Python',
    sources: PACKAGES,
    build: () => {
      run('python3', ['-m', 'venv', venv]);
      const options = ['--quiet', '--disable-pip-version-check', '--only-binary', ':all:'];
      run(join(venv, 'bin/pip'), ['install', ...options, ...PACKAGES]);
    },
  },
  {
    name: 'Go',
    sources: ['main.go', 'go.mod', 'go.sum'].map(sourceOf),
    build: () => run('go', ['build', '-o', join(CORPUS_DIR, 'go-readers'), '.']),
  },
  {
    name: 'Java',
    sources: [sourceOf('PropertiesReader.java')],
    build: () => run('javac', ['-d', join(CORPUS_DIR, 'java'), 'PropertiesReader.java']),
  },
];

for (const { name, sources, build } of BUILDS) {
  const made = createHash('sha256').update(sources.join()).digest('hex');
  const stamp = join(CORPUS_DIR, `${name}.made`);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === made) continue;
  mkdirSync(CORPUS_DIR, { recursive: true });
  process.stderr.write(`test/corpus: building the readers in ${name} once …\n`);
  try {
    build();
    writeFileSync(stamp, made);
  } catch (error) {
    const { stderr } = error as { stderr?: Buffer };
    const reason = (stderr?.toString() || String(error)).trim().split('\n').at(-1);
    process.stderr.write(`test/corpus: cannot build the readers in ${name}: ${reason}\n`);
  }
}

function sourceOf(name: string): string {
  return readFileSync(join(PROGRAMS, name), 'utf8');
}

function run(command: string, args: readonly string[]): void {
  execFileSync(command, args, { cwd: PROGRAMS, stdio: 'pipe', timeout: TIMEOUT_MS });
}
