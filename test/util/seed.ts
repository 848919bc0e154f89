import * as fc from 'fast-check';

// the same values in each run, so that a failure is one of the change at hand; FAST_CHECK_SEED=random looks further
const seed = process.env.FAST_CHECK_SEED ?? '20261122';
if (seed !== 'random') fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(seed) });
