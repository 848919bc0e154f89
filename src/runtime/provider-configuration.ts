import { IKey } from 'aws-cdk-lib/aws-kms';
import { FunctionConfigurations } from './function-configurations';
import { AgentCoreFunctionProps } from './function-props';

/** Part of the logical ids of deployed stacks: must never change. */
export const PROVIDER_ID = 'CdkAgentCoreRuntimeProvider';

/** How the provider of each stack is made. */
export const PROVIDER_CONFIGURATIONS = new FunctionConfigurations<AgentCoreFunctionProps & { readonly codeEncryptionKey?: IKey }>(
  PROVIDER_ID, 'AgentCoreProvider.configure');
