import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { findingOf } from '@lastgood/core/model/error.ts';
import type { Finding } from '@lastgood/core/model/finding.ts';
import { suggestion } from '../../settings/did-you-mean.ts';
import { load } from '../../settings/load.ts';
import type { BundleSettings } from '../../settings/settings.ts';
import { shownValue } from '../../settings/wording.ts';
import type { ValidateRequest } from './flags.ts';

/** What is wrong with the flags or the settings. */
export interface Problem {
  readonly ok: false;
  readonly findings: readonly Finding[];
}

export type ChosenBundles =
  | { readonly ok: true; readonly bundles: readonly BundleSettings[] }
  | Problem;

/** The bundles of the settings that the flags name; none without settings. */
export async function chooseBundles(request: ValidateRequest): Promise<ChosenBundles> {
  const { config, bundle: name, at } = request;
  if (config === undefined) return { ok: true, bundles: [] };
  const loaded = await load(config);
  if (!loaded.ok) return loaded;
  const all = loaded.settings.bundles;
  const named = all.filter((bundle) => name === undefined || bundle.name === name);
  const names = all.map((bundle) => bundle.name);
  if (name !== undefined && named.length === 0)
    return wrong(`${config} has no bundle ${shownValue(name)}${suggestion(name, names)}`);
  const bundles = named.filter((bundle) => at === undefined || directoriesOf(bundle).includes(at));
  if (at !== undefined && bundles.length === 0)
    return wrong(
      `${config} has no volume with at: ${at}${suggestion(at, named.flatMap(directoriesOf))}`,
    );
  return { ok: true, bundles: bundles.map((bundle) => withSchemasHere(bundle, config)) };
}

/** What is wrong with the flags, as a finding. */
export function wrong(message: string): Problem {
  return { ok: false, findings: [findingOf('LG_USAGE', [message])] };
}

/** The directories of volumes inside the snapshot. */
export function directoriesOf({ volumes }: BundleSettings): readonly string[] {
  return volumes.map(({ at }) => at).filter((at) => at !== '.');
}

/** The settings have the paths of a pod. A schema that does not exist there may be beside them. */
function withSchemasHere(bundle: BundleSettings, config: string): BundleSettings {
  const validate = bundle.validate.map((check) => {
    const schema = 'schema' in check ? check.schema : undefined;
    if (schema === undefined || existsSync(schema.path)) return check;
    const path = join(dirname(config), basename(schema.path));
    return existsSync(path) ? { ...check, schema: { ...schema, path } } : check;
  });
  return { ...bundle, validate };
}
