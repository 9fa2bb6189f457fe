import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join, parse } from 'node:path';
import { formatFinding } from '@lastgood/core/model/finding.ts';
import { dump, load, loadAll } from 'js-yaml';
import { injectText } from './inject-text.ts';
import type { InjectOptions } from './options.ts';

export const OPTIONS: InjectOptions = {
  mode: 'publish',
  image: 'lastgood:1.2.3',
  volume: [],
  workload: [],
  webhook: undefined,
  signal: undefined,
  version: '1.2.3',
};

// biome-ignore lint/suspicious/noExplicitAny: a manifest has no type.
export type Manifest = any;

/** The names of fixtures/. */
export const FIXTURES = readdirSync(join(import.meta.dirname, 'fixtures')).map(
  (name) => parse(name).name,
);

/** A manifest of fixtures/. */
export function fixture(name: string): string {
  return readFileSync(join(import.meta.dirname, `fixtures/${name}.yaml`), 'utf8');
}

/** The text of a fixture after an edit of its object. */
export function edited(name: string, edit: (spec: Manifest, object: Manifest) => void): string {
  const object = load(fixture(name)) as Manifest;
  edit(object.spec.template.spec, object);
  return dump(object);
}

/** What inject makes of a text that it takes. */
export function inject(text: string, options: Partial<InjectOptions> = {}) {
  const {
    text: injected,
    findings,
    notes,
  } = injectText('m.yaml', text, {
    ...OPTIONS,
    ...options,
  });
  assert.deepEqual(findings, []);
  const objects = loadAll(injected) as Manifest[];
  const workload = objects.find((each) => each?.spec?.template);
  const settings = objects.find((each) => each?.data?.['lastgood.yaml']);
  const { spec } = workload.spec.template;
  const sidecar = spec.initContainers?.[0];
  const yaml = settings?.data['lastgood.yaml'] ?? '';
  const bundles = (load(yaml || '{}') as Manifest).bundles ?? [];
  return { text: injected, notes, workload, spec, sidecar, settings, yaml, bundles };
}

/** The findings of a text, which must stay as it is. */
export function refusals(text: string, options: Partial<InjectOptions> = {}): readonly string[] {
  const { findings, idle = [] } = injectText('m.yaml', text, { ...OPTIONS, ...options });
  return [...findings, ...idle].map(formatFinding);
}
