import { CfnOutput } from 'aws-cdk-lib';
import { EventBus } from 'aws-cdk-lib/aws-events';
import { ManagedPolicy, PermissionsBoundary, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Code, Function, Runtime } from 'aws-cdk-lib/aws-lambda';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import {
  DefinitionBody, DistributedMap, IntegrationPattern, IChainable, Pass, ResultWriterV2, S3JsonItemReader, StateMachine, TaskInput,
} from 'aws-cdk-lib/aws-stepfunctions';
import { EventBridgePutEvents, LambdaInvoke, StepFunctionsStartExecution } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import { LocalStack } from './stack';

const stack = new LocalStack();
const FUNCTION = 'exports.handler = async (event) => ({ got: event });';

beforeAll(async () => {
  await stack.deploy((scope) => {
    const fn = new Function(scope, 'Function', { runtime: Runtime.NODEJS_22_X, handler: 'index.handler', code: Code.fromInline(FUNCTION) });
    const bucket = new Bucket(scope, 'Bucket');
    const child = new StateMachine(scope, 'Child', { stateMachineName: 'child', definitionBody: DefinitionBody.fromChainable(new Pass(scope, 'Nothing')) });
    // a boundary takes away what the CDK grants by itself
    const machine = (id: string, without: string, chain: (suffix: string) => IChainable) => {
      new StateMachine(scope, `${id}MachineWhole`, { definitionBody: DefinitionBody.fromChainable(chain('Whole')) });
      const bounded = new StateMachine(scope, `${id}MachineLacking`, { definitionBody: DefinitionBody.fromChainable(chain('Lacking')) });
      PermissionsBoundary.of(bounded.role).apply(new ManagedPolicy(scope, `${id}Boundary`, {
        statements: [new PolicyStatement({ notActions: [without], resources: ['*'] })],
      }));
    };
    machine('Invoke', 'lambda:InvokeFunction', (suffix) => new LambdaInvoke(scope, `Call${suffix}`, { lambdaFunction: fn, retryOnServiceExceptions: false, outputPath: '$.Payload' }));
    machine('Put', 'events:PutEvents', (suffix) => new EventBridgePutEvents(scope, `Put${suffix}`, {
      entries: [{ source: 'test', detailType: 'x', detail: TaskInput.fromObject({}), eventBus: EventBus.fromEventBusName(scope, `Bus${suffix}`, 'own') }],
    }));
    machine('Start', 'events:PutRule', (suffix) => new StepFunctionsStartExecution(scope, `Start${suffix}`, {
      stateMachine: child, integrationPattern: IntegrationPattern.RUN_JOB, input: TaskInput.fromObject({}),
    }));
    const map = (id: string) => (suffix: string) => new DistributedMap(scope, `${id}${suffix}`, {
      label: `${id}${suffix}`,
      itemReader: new S3JsonItemReader({ bucket, key: 'items.json' }),
      resultWriterV2: new ResultWriterV2({ bucket, prefix: 'results' }),
    }).itemProcessor(new Pass(scope, `Item${id}${suffix}`));
    machine('Map', 'states:StartExecution', map('Run'));
    machine('Read', 's3:GetObject', map('Read'));
    machine('Write', 's3:PutObject', map('Write'));
    new CfnOutput(scope, 'BucketName', { value: bucket.bucketName });
  });
  await fetch(`${stack.local.endpoint}/_local/objects/${stack.outputs.BucketName}/items.json`, { method: 'PUT', body: '[1, 2]' });
});
afterAll(async () => stack.end());

test.each([
  ['Invoke', 'lambda:InvokeFunction', 'Lambda.AWSLambdaException', /function:Stack-Function\S+ because .* \(Service: AWSLambda; Status Code: 403; Error Code: AccessDeniedException\)$/],
  ['Put', 'events:PutEvents', 'States.Permissions', /arn:aws:events:us-east-1:000000000000:event-bus\/own because/],
  ['Start', 'events:PutRule', 'StepFunctions.AWSStepFunctionsException', /rule\/StepFunctionsGetEventsForStepFunctionsExecutionRule because/],
  ['Map', 'states:StartExecution', 'States.Permissions', /stateMachine:Stack-MapMachineLacking\S+ because/],
  ['Read', 's3:GetObject', 'States.ItemReaderFailed', /arn:aws:s3:::\S+\/items.json because/],
  ['Write', 's3:PutObject', 'States.ResultWriterFailed', /arn:aws:s3:::\S+\/results\/\S+ because/],
])('state machine %s is judged by its role', async (id, action, error, cause) => {
  expect(await stack.execute(`${id}MachineWhole`, {})).toMatchObject({ status: 'SUCCEEDED' });
  const denied: any = await stack.execute(`${id}MachineLacking`, {});
  expect(denied).toMatchObject({ status: 'FAILED', error });
  expect(denied.cause).toMatch(/^User: arn:aws:sts::000000000000:assumed-role\/Stack-\S+ is not authorized to perform: /);
  expect(denied.cause).toContain(`${action} on resource: `);
  expect(denied.cause).toContain(`because no permissions boundary allows the ${action} action`);
  expect(denied.cause).toMatch(cause);
  expect(await stack.execute(`${id}MachineLacking`, {}, { iam: false })).toMatchObject({ status: 'SUCCEEDED' });
});
