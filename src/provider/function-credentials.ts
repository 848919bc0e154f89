import { fromEnv } from '@aws-sdk/credential-provider-env';

/**
 * Takes the place of the SDK's search for credentials in the bundle: Lambda puts those of the function's role into its
 * environment, and the other places to look at would be a fifth of the bundle.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
 */
export const defaultProvider = (): ReturnType<typeof fromEnv> => fromEnv();
