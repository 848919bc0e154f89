import * as path from 'node:path';
import { Duration, RemovalPolicy, Size, Stack } from 'aws-cdk-lib';
import { IRuntimeRef } from 'aws-cdk-lib/aws-bedrockagentcore';
import { Policy, PolicyDocument, PolicyStatement, Role } from 'aws-cdk-lib/aws-iam';
import { Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct, IConstruct } from 'constructs';
import { LEDGER_OPERATIONS } from '../provider/contract/operations';
import { bundledCode } from '../runtime/bundled-code';
import { acknowledgeFindings, wildcardFinding } from '../runtime/nag-findings';
import { functionRole } from '../runtime/own-role';
import { RuntimeGrantOptions, RuntimeGrants } from '../runtime/runtime-grants';
import { actionsOf } from '../service/permissions/pairs';
import { WORKFLOW_TIMEOUT_SECONDS } from '../workflow-handler/contract';

/** Part of the logical ids of deployed stacks: must never change. */
const ID = 'CdkAgentCoreRuntimeWorkflow';

const BUNDLE = path.join(__dirname, '../../assets/workflow-handler/handler');

const DESCRIPTION = 'Runs commands, invokes agents and stops sessions for the state machines of one stack';

/** The function that does what tasks ask for: one per stack, with its role and its log group. */
export class WorkflowFunction extends Construct {
  /** The function of the stack that a construct is in. */
  public static of(scope: IConstruct): WorkflowFunction {
    const stack = Stack.of(scope);
    return stack.node.tryFindChild(ID) as WorkflowFunction | undefined ?? new WorkflowFunction(stack);
  }

  public readonly handler: LambdaFunction;
  private readonly role: Role;

  private constructor(stack: Stack) {
    super(stack, ID);
    const logGroup = new LogGroup(this, 'LogGroup', { retention: RetentionDays.ONE_MONTH, removalPolicy: RemovalPolicy.DESTROY });
    const logs = new PolicyStatement({ actions: actionsOf(LEDGER_OPERATIONS), resources: [logGroup.logGroupArn] });
    this.role = functionRole(this, DESCRIPTION, new PolicyDocument({ statements: [logs] }));
    this.handler = new LambdaFunction(this, 'Function', {
      description: DESCRIPTION,
      // pinned: what `NODEJS_LATEST` means changes with the version of aws-cdk-lib, and would change users' snapshots
      runtime: Runtime.NODEJS_24_X,
      handler: 'index.handler',
      code: bundledCode(BUNDLE),
      memorySize: 256,
      // the output of a command waits there until it is stored
      ephemeralStorageSize: Size.mebibytes(512),
      timeout: Duration.seconds(WORKFLOW_TIMEOUT_SECONDS),
      role: this.role,
      logGroup,
    });
  }

  /** Lets the function call operations on one endpoint of a runtime. */
  public allow(runtime: IRuntimeRef, operations: readonly string[], where: RuntimeGrantOptions): void {
    RuntimeGrants.fromRuntime(runtime).actions(this.role, actionsOf(operations), where);
  }

  /** Lets the function store the output of commands below a prefix of a bucket. */
  public allowOutput(bucket: IBucket, prefix: string): void {
    const resource = bucket.arnForObjects(`${prefix}*`);
    this.role.addToPrincipalPolicy(new PolicyStatement({ actions: ['s3:PutObject'], resources: [resource] }));
    acknowledgeFindings(this.role, wildcardFinding(this, resource, 'the name of each run is part of the key of its output'));
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
