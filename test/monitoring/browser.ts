import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

const TIMEOUT_MS = 180_000;

/** Why no page can be drawn here. In CI a missing browser is a failure. */
export function browserFault(): string | undefined {
  if (spawnSync('chromium', ['--version']).status === 0) return undefined;
  return 'not found: chromium (apt-get install chromium fonts-dejavu-core)';
}

/**
 * Draws a page in Chromium. Returns the path of the picture, and the text of the page as the browser has it.
 *
 * @param dir - where the page, the picture and the profile of the browser are
 */
export function drawPage(dir: string, html: string, size: { width: number; height: number }) {
  const page = join(dir, 'page.html');
  const picture = join(dir, 'page.png');
  writeFileSync(page, html);
  const flags = [
    ...[
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-dev-shm-usage',
      '--hide-scrollbars',
    ],
    ...[`--user-data-dir=${join(dir, 'profile')}`, `--window-size=${size.width},${size.height}`],
  ];
  run([...flags, `--screenshot=${picture}`, `file://${page}`]);
  return { picture, dom: run([...flags, '--dump-dom', `file://${page}`]) };
}

function run(argv: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync('chromium', argv, {
    timeout: TIMEOUT_MS,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`chromium: ${error?.message ?? stderr}`);
  return stdout;
}
