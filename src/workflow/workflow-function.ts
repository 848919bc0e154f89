import * as path from 'node:path';
import { Duration, Size, Stack } from 'aws-cdk-lib';
import { IRuntimeRef } from 'aws-cdk-lib/aws-bedrockagentcore';
import { IRole, Policy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct, IConstruct } from 'constructs';
import { WORKFLOW_CONFIGURATIONS, WORKFLOW_ID } from './workflow-configuration';
import { configuredFunction } from '../runtime/configured-function';
import { acknowledgeFindings, wildcardFinding } from '../runtime/nag-findings';
import { RuntimeGrantOptions, RuntimeGrants } from '../runtime/runtime-grants';
import { actionsOf } from '../service/permissions/pairs';
import { WORKFLOW_TIMEOUT_SECONDS } from '../workflow-handler/contract';

const BUNDLE = path.join(__dirname, '../../assets/workflow-handler/handler');

/** The function that does what tasks ask for: one per stack, with its role and its log group. */
export class WorkflowFunction extends Construct {
  /** The function of the stack that a construct is in. */
  public static of(scope: IConstruct): WorkflowFunction {
    const stack = Stack.of(scope);
    return stack.node.tryFindChild(WORKFLOW_ID) as WorkflowFunction | undefined ?? new WorkflowFunction(stack);
  }

  public readonly handler: LambdaFunction;
  private readonly role: IRole;
  private readonly basicsOwner: IConstruct;

  private constructor(stack: Stack) {
    super(stack, WORKFLOW_ID);
    const configuration = WORKFLOW_CONFIGURATIONS.of(stack);
    const { handler, role, basicsOwner } = configuredFunction(this, {
      description: 'Runs commands, invokes agents and stops sessions for the state machines of one stack',
      bundle: BUNDLE,
      // the output of a command waits there until it is stored
      ephemeralStorageSize: Size.mebibytes(512),
      timeout: Duration.seconds(WORKFLOW_TIMEOUT_SECONDS),
      statements: [],
    }, configuration);
    this.handler = handler;
    this.role = role;
    this.basicsOwner = basicsOwner;
    if (configuration?.vpc) acknowledgeFindings(basicsOwner, { 'AwsSolutions-IAM5[Resource::*]': 'a network interface has no name before it is made' });
  }

  /** Lets the function call operations on one endpoint of a runtime. */
  public allow(runtime: IRuntimeRef, operations: readonly string[], where: RuntimeGrantOptions): void {
    RuntimeGrants.fromRuntime(runtime).actions(this.role, actionsOf(operations), where);
  }

  /** Lets the function store the output of commands below a prefix of a bucket. */
  public allowOutput(bucket: IBucket, prefix: string): void {
    const resource = bucket.arnForObjects(`${prefix}*`);
    this.role.addToPrincipalPolicy(new PolicyStatement({ actions: ['s3:PutObject'], resources: [resource] }));
    acknowledgeFindings(this.basicsOwner, wildcardFinding(this, resource, 'the name of each run is part of the key of its output'));
    if (!bucket.encryptionKey) return;
    this.role.addToPrincipalPolicy(new PolicyStatement({ actions: ['kms:GenerateDataKey'], resources: [bucket.encryptionKey.keyArn] }));
  }

  /**
   * Lets the function read the results of a fleet and write its report.
   *
   * @param scope the construct that the policy is in: it must not be one that the function waits for, since keys may depend on that in turn
   */
  public allowResults(scope: Construct, objects: string, more: readonly PolicyStatement[]): void {
    const statements = [new PolicyStatement({ actions: ['s3:GetObject', 's3:PutObject'], resources: [objects] }), ...more];
    const policy = new Policy(scope, 'Results', { statements, roles: [this.role] });
    acknowledgeFindings(policy, wildcardFinding(this, objects, 'the name of each execution is part of the keys of its results'));
  }

  /** Lets a state machine call the function; the function itself, not its versions. */
  public get invocation(): PolicyStatement {
    return new PolicyStatement({ actions: actionsOf(['lambda:Invoke']), resources: [this.handler.functionArn] });
  }
}
