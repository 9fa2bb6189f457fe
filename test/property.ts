import fc from 'fast-check';

/**
 * fast-check with one seed, so that each run of the tests tries the same inputs: a failure comes from the change that
 * is tested. `LASTGOOD_SEED=n` tries others.
 */
fc.configureGlobal({ seed: Number(process.env.LASTGOOD_SEED ?? 1) });

export { fc };
