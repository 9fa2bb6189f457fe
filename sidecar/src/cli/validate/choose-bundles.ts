import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { suggestion } from '../../settings/did-you-mean.ts';
import { load } from '../../settings/load.ts';
import type { BundleSettings } from '../../settings/settings.ts';
import { shownValue } from '../../settings/wording.ts';
import { type CommandResult, unusable, wrongUsage } from '../command.ts';
import type { ValidateRequest } from './flags.ts';

/** The bundles of the settings that the flags name; none without settings. Or what is wrong. */
export async function chooseBundles(
  request: ValidateRequest,
): Promise<{ readonly bundles: readonly BundleSettings[] } | CommandResult> {
  const { config, bundle: name, at } = request;
  if (config === undefined) return { bundles: [] };
  const loaded = await load(config);
  if (!loaded.ok) return unusable(loaded.findings);
  const all = loaded.settings.bundles;
  const named = all.filter((bundle) => name === undefined || bundle.name === name);
  const names = all.map((bundle) => bundle.name);
  if (name !== undefined && named.length === 0)
    return wrongUsage(`${config} has no bundle ${shownValue(name)}${suggestion(name, names)}`);
  const bundles = named.filter((bundle) => at === undefined || directoriesOf(bundle).includes(at));
  if (at !== undefined && bundles.length === 0)
    return wrongUsage(
      `${config} has no volume with at: ${at}${suggestion(at, named.flatMap(directoriesOf))}`,
    );
  return { bundles: bundles.map((bundle) => withSchemasHere(bundle, config)) };
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
