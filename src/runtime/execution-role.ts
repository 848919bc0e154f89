import { ArnFormat, Stack } from 'aws-cdk-lib';
import { Runtime } from 'aws-cdk-lib/aws-bedrockagentcore';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { acknowledgeFindings, wildcardFinding } from './nag-findings';
import { addToRole, RolePurpose } from './role-permissions';

/** What the role is called in messages, and what else it needs. */
export const EXECUTION_ROLE: RolePurpose = { name: 'execution role', besides: 'besides what the official Runtime gives to a role that it makes' };

/**
 * Lets the execution role allow the delivery of traces to the log groups of its runtime, which the official L2 leaves out.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/runtime-permissions.html
 */
export function allowTraceDelivery(runtime: Runtime): void {
  const groups = Stack.of(runtime).formatArn({
    service: 'logs',
    resource: 'log-group',
    resourceName: `/aws/bedrock-agentcore/runtimes/${runtime.agentRuntimeName}-*`,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
  addToRole(runtime, EXECUTION_ROLE, runtime.role, [new PolicyStatement({ actions: ['logs:PutResourcePolicy'], resources: [groups] })]);
  acknowledgeFindings(runtime.role, wildcardFinding(runtime, groups, 'the service appends characters of its own choice to the name of the runtime'));
}
