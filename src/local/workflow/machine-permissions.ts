import { ObjectAccess, StatesError } from './execution';
import { ResourceNames } from '../../service/permissions/resources';
import { LocalIam } from '../deployer/local-iam';

/** The error of a state that was denied something, by the service that it calls. */
const DENIED = {
  /** @see https://github.com/awslabs/aws-deployment-framework/issues/460 */
  lambda: { error: 'Lambda.AWSLambdaException', service: 'AWSLambda', status: 403 },
  states: { error: 'StepFunctions.AWSStepFunctionsException', service: 'AWSStepFunctions', status: 400 },
  /** Of integrations with the SDK: the service and the error of its client. */
  sfn: { error: 'Sfn.SfnException', service: 'Sfn', status: 400 },
  // no record of the names of these is known: the Amazon States Language has this one for a lack of privileges
  events: { error: 'States.Permissions', service: 'AmazonEventBridge', status: 400 },
  mapRun: { error: 'States.Permissions', service: 'AWSStepFunctions', status: 400 },
} as const;

/** What a state machine may do in one execution, by its role. */
export class MachinePermissions {
  private readonly region: string;

  /** @param roleArn undefined for a state machine without one, which is not judged */
  constructor(
    private readonly iam: LocalIam, private readonly roleArn: string | undefined, private readonly stateMachineArn: string,
    private readonly executionName: string,
  ) {
    this.region = stateMachineArn.split(':')[3];
  }

  /**
   * Lets a state go on that may call an operation.
   *
   * @throws StatesError with AWS's message
   */
  public async require(kind: keyof typeof DENIED, operation: string, names: Partial<ResourceNames>): Promise<void> {
    const denial = await this.denialOf(operation, names);
    if (denial === undefined) return;
    const { error, service, status } = DENIED[kind];
    throw new StatesError(error, `${denial} (Service: ${service}; Status Code: ${status}; Error Code: AccessDeniedException)`);
  }

  /** Objects as the state machine may read and write them. */
  public objects(objects: ObjectAccess): ObjectAccess {
    const require = async (operation: string, bucketName: string, objectKey: string) => {
      const denial = await this.denialOf(operation, { bucketName, objectKey });
      if (denial !== undefined) throw new Error(`${denial} (Service: S3, Status Code: 403, Error Code: AccessDenied)`);
    };
    return {
      read: async (bucket, key) => {
        await require('s3:GetObject', bucket, key);
        return objects.read(bucket, key);
      },
      write: async (bucket, key, content) => {
        await require('s3:PutObject', bucket, key);
        await objects.write(bucket, key, content);
      },
    };
  }

  /** An event bus by its name or its ARN. */
  public eventBus(bus: string): Pick<ResourceNames, 'eventBusArn'> {
    const [, partition, , , account] = this.stateMachineArn.split(':');
    return { eventBusArn: bus.startsWith('arn:') ? bus : `arn:${partition}:events:${this.region}:${account}:event-bus/${bus}` };
  }

  private async denialOf(operation: string, names: Partial<ResourceNames>): Promise<string | undefined> {
    if (this.roleArn === undefined) return undefined;
    return this.iam.denialOf({ roleArn: this.roleArn, sessionName: this.executionName }, { operation, names, region: this.region });
  }
}
