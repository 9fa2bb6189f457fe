import type { Snapshot } from '@lastgood/core/model/snapshot.ts';
import { createValidator } from '../../../sidecar/src/steps/validate/validator.ts';
import { CONFIG_FILE, configOf } from '../../contents/contents.ts';
import { CONFIG_RULES } from '../../contents/rules.ts';
import { checkOf } from './settings.ts';
import { fileOf, snapshotOf, type TookMs, timed, type Way } from './timed.ts';

/** What checks a file. */
export type TypicalWay = 'format' | 'schema' | 'schemaAndRules' | 'shape' | 'all';

/** A file of 10 KB, once all code is warm. */
export async function measureTypical(
  schemaPath: string,
  rounds: number,
): Promise<TookMs<TypicalWay>> {
  const bySchema = { files: CONFIG_FILE, schemaPath };
  const byBoth = { ...bySchema, rules: CONFIG_RULES };
  const off = { shape: 'off' } as const;
  const ways: Record<TypicalWay, Way<Snapshot>> = {
    format: await wayOf([checkOf({ files: CONFIG_FILE }), off]),
    schema: await wayOf([checkOf(bySchema), off]),
    schemaAndRules: await wayOf([checkOf(byBoth), off]),
    shape: await wayOf([checkOf(bySchema), { shape: 'compatible' }]),
    all: await wayOf([checkOf(byBoth), { shape: 'compatible' }]),
  };
  return timed(ways, { warmUp: rounds, rounds }, (generation) =>
    snapshotOf(fileOf(CONFIG_FILE, configOf(generation))),
  );
}

/** Compares each content with the one before, as the app's last good one. */
async function wayOf(settings: Parameters<typeof createValidator>[0]): Promise<Way<Snapshot>> {
  const validate = await createValidator(settings);
  let before: Snapshot | null = null;
  return async (snapshot) => {
    const { accepted } = await validate(snapshot, { lastGood: before, active: before });
    before = snapshot;
    return accepted;
  };
}
