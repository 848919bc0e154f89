import { IKey } from 'aws-cdk-lib/aws-kms';
import { IConstruct } from 'constructs';
import { AgentCoreFunctionProps } from './function-props';
import { PROVIDER_CONFIGURATIONS } from './provider-configuration';

/** How the function is made that provisions runtimes and runs the commands of deployments. */
export interface AgentCoreProviderProps extends AgentCoreFunctionProps {
  /**
   * The key that code in Amazon S3 is encrypted with. AgentCore reads the code with the permissions of whoever creates the runtime,
   * so the function is allowed to decrypt with it. A key of another account has to allow that in its key policy.
   *
   * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/runtime-code-deploy-common-issues.html
   * @default - none; code is encrypted with a key that needs no permission
   */
  readonly codeEncryptionKey?: IKey;
}

/**
 * The function behind the custom resources of this library: one per stack, made by the first construct of the stack that takes it.
 *
 * @example
 * AgentCoreProvider.configure(stack, { vpc, logEncryptionKey: key, environment: { HTTPS_PROXY: 'http://proxy.example.com:3128' } });
 */
export class AgentCoreProvider {
  /**
   * Says how the functions of a stack, or of all stacks of a stage or an app, are made. Where several apply, the nearest alone counts: a
   * stack's before that of its parent stack, its stage and its app.
   *
   * @param scope a `Stack`, `Stage` or `App`, before it has runtimes, commands or gated endpoints
   * @throws a single error for all that cannot be used, and one for a second call and for one that comes too late
   */
  public static configure(scope: IConstruct, props: AgentCoreProviderProps): void {
    PROVIDER_CONFIGURATIONS.set(scope, props);
  }

  private constructor() {}
}
