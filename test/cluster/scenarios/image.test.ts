/** What is in the image, as buildah makes it from the Dockerfile. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { temporaryDirectory } from '../../kubelet/temporary-directory.ts';
import { archiveImage, buildLastgood } from '../images/images.ts';

const PAGE = readFileSync(new URL('../../../docs/install.md', import.meta.url), 'utf8');

interface Built {
  /** The digest of the configuration, which names the digests of all layers. */
  readonly id: string;
  /** All but directories. */
  readonly paths: readonly string[];
  readonly config: { readonly User: string; readonly Labels: Readonly<Record<string, string>> };
}

async function build(context: TestContext, name: string): Promise<Built> {
  const dir = temporaryDirectory(context);
  const image = `localhost/lastgood-${name}:test`;
  const args = ['COMPILE_CACHE=no', 'REVISION=abc'].flatMap((each) => ['--build-arg', each]);
  await buildLastgood(dir, image, ['--timestamp', '0', ...args]);
  const archive = join(dir, 'image.tar');
  await archiveImage(image, archive);
  const read = (path: string) => execFileSync('tar', ['-xOf', archive, path], { encoding: 'utf8' });
  const [{ Config, Layers }] = JSON.parse(read('manifest.json'));
  execFileSync('tar', ['-xf', archive, '-C', dir]);
  const listed = (Layers as string[]).flatMap((layer) =>
    execFileSync('tar', ['-tf', join(dir, layer)], { encoding: 'utf8' })
      .trim()
      .split('\n'),
  );
  const paths = listed.filter((path) => !path.endsWith('/')).map((path) => `/${path}`);
  return { id: Config, paths, config: JSON.parse(read(Config)).config };
}

test('two builds give the same image, which contains what docs/install.md says', async (context) => {
  const first = await build(context, 'first');
  const second = await build(context, 'second');
  assert.equal(first.id, second.id);
  assert.equal(first.config.User, '65532:65532');
  assert.equal(first.config.Labels['org.opencontainers.image.revision'], 'abc');
  const [, table = ''] =
    /^\*\*Content\.\*\*[\s\S]*?\n\| --- \| --- \|\n([\s\S]*?)\n\n/m.exec(PAGE) ?? [];
  const cells = table.split('\n').map((row) => row.split('|')[1] ?? '');
  const named = cells.flatMap((cell) =>
    [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name),
  );
  const isNamed = (path: string) =>
    named.some((name) =>
      name.endsWith('/') ? path.startsWith(name) : path === name || path.endsWith(`/bin/${name}`),
    ) || /^\/lib(?:32|64)?\/(?:[\w-]+\/)?[\w.+-]+\.so[.\d]*$/.test(path);
  assert.deepEqual(
    first.paths.filter((path) => !isNamed(path)),
    [],
  );
  assert.ok(first.paths.includes('/usr/local/bin/node'));
});
