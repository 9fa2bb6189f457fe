import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadAll } from 'js-yaml';
import {
  SIDECAR_LIMITS,
  SIDECAR_REQUESTS,
} from '../../sidecar/src/cli/inject/sidecar-container.ts';
import { readFiles } from './repository.ts';

const PAGES = readFiles(['README.md', 'docs/**/*.md', 'examples/**/*.{md,yaml}']);
const DOCKERFILES = [...readFiles(['Dockerfile', 'examples/*/Dockerfile']).values()].join('\n');

/** The images that the README builds: with a tag, so that Kubernetes does not pull a local one. */
function builtImages(): Set<string> {
  const commands = PAGES.get('README.md')?.matchAll(/(?:docker|podman) build -t (\S+)/g) ?? [];
  return new Set([...commands].map(([, image = '']) => image));
}

test('the README builds each image that a manifest, a page or a command runs', () => {
  const built = builtImages();
  for (const [path, text] of PAGES)
    for (const [, image = ''] of text.matchAll(/\b((?:lastgood|inference-server):\d+\.[\w.-]*)/g))
      assert.ok(built.has(image), `${path}: ${image}`);
});

test('no manifest runs an image of lastgood without a tag', () => {
  for (const [path, text] of PAGES) assert.doesNotMatch(text, /image: lastgood(?:\s|$)/m, path);
});

test('every manifest gives lastgood what inject gives it', () => {
  const found = [
    ...readFiles([
      'examples/{inference-server,kubernetes,new-image}/**/*.yaml',
      'deploy/kustomize/**/*.yaml',
    ]),
  ].flatMap(([path, text]) =>
    loadAll(text)
      .flatMap(sidecarsIn)
      .map((sidecar) => ({ path, sidecar })),
  );
  assert.ok(found.length > 0);
  for (const { path, sidecar } of found)
    assert.deepEqual(
      sidecar.resources,
      { requests: SIDECAR_REQUESTS, limits: SIDECAR_LIMITS },
      path,
    );
});

interface Sidecar {
  readonly image: string;
  readonly resources: object;
}

/** The containers of lastgood with resources, wherever they are; patches of an example have none. */
function sidecarsIn(value: unknown): readonly Sidecar[] {
  if (typeof value !== 'object' || value === null) return [];
  const inner = Object.values(value).flatMap(sidecarsIn);
  const isSidecar =
    'image' in value && 'resources' in value && /^lastgood:/.test(String(value.image));
  return isSidecar ? [value as Sidecar, ...inner] : inner;
}

test('each build argument in a page is one of a Dockerfile', () => {
  for (const [path, text] of PAGES)
    for (const [, name = ''] of text.matchAll(/--build-arg (\w+)=/g))
      assert.match(DOCKERFILES, new RegExp(`^ARG ${name}\\b`, 'm'), path);
});

test('a page runs only programs of the image in the container of lastgood', () => {
  const programs = new Set(['lastgood', 'lastgood-ready', 'node']);
  for (const [path, text] of PAGES)
    for (const [, name = ''] of text.matchAll(/\bexec .*(?:-c|--container)[ =]lastgood -- (\S+)/g))
      assert.ok(programs.has(name), `${path}: ${name}`);
});

test('a release passes each build argument of the labels, and the time of the files', () => {
  const [text = ''] = readFiles('Dockerfile').values();
  const labels = [...text.matchAll(/\.image\.\w+="\$\{(\w+)\}"/g)].map(([, name = '']) => name);
  assert.ok(labels.length > 0);
  const [release = ''] = readFiles('.github/workflows/release.yml').values();
  for (const name of [...labels, 'SOURCE_DATE_EPOCH'])
    assert.match(release, new RegExp(`^ +${name}=\\$\\{\\{ `, 'm'));
  // Labels of the command line would replace those of the Dockerfile.
  assert.doesNotMatch(release, /^ +labels:/m);
});

test('the alias for docker can write files of the working directory', () => {
  const alias = /alias lastgood='(.*)'/.exec(PAGES.get('docs/ci.md') ?? '')?.[1] ?? '';
  assert.match(alias, /--user "\$\(id -u\):\$\(id -g\)"/);
});
