import { join } from 'node:path';

/** The directory of the provider's bundle: the shipped one, unless the environment names one to compare it with. */
export const BUNDLE = process.env.PROVIDER_BUNDLE ?? join(__dirname, '../../assets/provider/handler');
