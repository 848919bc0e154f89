import { App, CfnParameter, Duration, SecretValue, Stack } from 'aws-cdk-lib';
import { RuntimeAuthorizerConfiguration } from 'aws-cdk-lib/aws-bedrockagentcore';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { DefinitionBody, IChainable, JsonPath, QueryLanguage, StateMachine, TaskInput, TaskStateBase } from 'aws-cdk-lib/aws-stepfunctions';
import {
  AgentCoreInvokeAgent, AgentCoreRunCommand, AgentCoreRunCommandProps, AgentCoreStopSession, AgentRuntime, Command,
} from '../../src';
import { bucketOutput, definitionOf, statementsOf } from './support/definitions';
import { image, templateOf, testStack } from '../util/stacks';

const agent = (stack: Stack, more = {}) => new AgentRuntime(stack, 'Agent', { agentRuntimeArtifact: image(), runtimeName: 'agent', ...more });

function machine(stack: Stack, start: IChainable, queryLanguage?: QueryLanguage): any {
  new StateMachine(stack, 'Machine', { definitionBody: DefinitionBody.fromChainable(start), queryLanguage });
  return definitionOf(stack, 'Machine');
}

const own = ['<Agent.AgentRuntimeArn>', '<Agent.AgentRuntimeArn>/runtime-endpoint/DEFAULT'];

describe('with JSONPath', () => {
  test('a command', () => {
    const stack = testStack();
    const task = AgentCoreRunCommand.jsonPath(stack, 'Test', {
      runtime: agent(stack),
      command: Command.argv('npm', 'run', JsonPath.stringAt('$.script')),
      workingDirectory: '/mnt/workspace',
      environment: { CI: 'true' },
      commandTimeout: Duration.minutes(60),
      checkExitCode: false,
      sessionId: JsonPath.stringAt('$.sessionId'),
      outputBucket: Bucket.fromBucketName(stack, 'Bucket', 'output'),
      observationCharacters: 4_000,
      resultPath: '$.test',
    });
    expect(machine(stack, task)).toMatchSnapshot();
  });

  test('an invocation, and the stop of the session that they share', () => {
    const stack = testStack();
    const runtime = agent(stack);
    const invoke = AgentCoreInvokeAgent.jsonPath(stack, 'Write', {
      runtime, payload: TaskInput.fromObject({ task: JsonPath.stringAt('$.task') }), agentTimeout: Duration.minutes(3),
    });
    const stop = AgentCoreStopSession.jsonPath(stack, 'Stop', { runtime, resultPath: JsonPath.DISCARD });
    expect(machine(stack, invoke.next(stop))).toMatchSnapshot();
  });
});

describe('with JSONata', () => {
  test('a command, an invocation and the stop', () => {
    const stack = testStack();
    const runtime = agent(stack);
    const run = AgentCoreRunCommand.jsonata(stack, 'Test', {
      runtime, command: Command.argv('npm', 'run', '{% $states.input.script %}'), outputs: '{% $states.result.exitCode %}',
    });
    const invoke = AgentCoreInvokeAgent.jsonata(stack, 'Write', { runtime, sessionId: '{% $states.input.sessionId %}' });
    const stop = AgentCoreStopSession.jsonata(stack, 'Stop', { runtime });
    expect(machine(stack, run.next(invoke).next(stop), QueryLanguage.JSONATA)).toMatchSnapshot();
  });

  test('a state takes the language of its state machine', () => {
    const stack = testStack();
    const stop = new AgentCoreStopSession(stack, 'Stop', { runtime: agent(stack) });
    expect(machine(stack, stop, QueryLanguage.JSONATA).States.Stop.Arguments.visit.execution).toBe('{% $states.context.Execution.Id %}');
  });
});

describe('permissions', () => {
  test.each<[string, (stack: Stack, runtime: AgentRuntime) => TaskStateBase, string]>([
    ['a command', (stack, runtime) => AgentCoreRunCommand.jsonPath(stack, 'T', { runtime, command: Command.shell('true') }), 'InvokeAgentRuntimeCommand'],
    ['an invocation', (stack, runtime) => AgentCoreInvokeAgent.jsonPath(stack, 'T', { runtime }), 'InvokeAgentRuntime'],
    ['a stop', (stack, runtime) => AgentCoreStopSession.jsonPath(stack, 'T', { runtime }), 'StopRuntimeSession'],
  ])('of %s are its one action on the runtime and the endpoint, and the one function for the state machine', (_, task, action) => {
    const stack = testStack();
    machine(stack, task(stack, agent(stack)));
    expect(statementsOf(stack, 'CdkAgentCoreRuntimeWorkflowRoleDefaultPolicy')).toEqual([
      { Effect: 'Allow', Action: `bedrock-agentcore:${action}`, Resource: own },
    ]);
    expect(statementsOf(stack, 'MachineRoleDefaultPolicy')).toEqual([
      { Effect: 'Allow', Action: 'lambda:InvokeFunction', Resource: '<CdkAgentCoreRuntimeWorkflowFunction.Arn>' },
    ]);
  });

  test('of all tasks together are on the function of the stack, which there is once, with its own logs', () => {
    const stack = testStack();
    const runtime = agent(stack);
    const endpoint = runtime.addEndpoint('prod');
    const run = AgentCoreRunCommand.jsonPath(stack, 'Run', { runtime, endpoint, command: Command.shell('true') });
    const again = AgentCoreRunCommand.jsonPath(stack, 'Again', { runtime, endpoint, command: Command.shell('true') });
    machine(stack, run.next(again));
    expect(Object.entries(templateOf(stack).Resources).filter(([id, { Type }]) => Type === 'AWS::Lambda::Function' && id.includes('Workflow'))).toHaveLength(1);
    expect(statementsOf(stack, 'CdkAgentCoreRuntimeWorkflowRoleDefaultPolicy')).toEqual([
      { Effect: 'Allow', Action: 'bedrock-agentcore:InvokeAgentRuntimeCommand', Resource: ['<Agent.AgentRuntimeArn>', '<Agent.AgentRuntimeArn>/runtime-endpoint/prod'] },
    ]);
    expect(statementsOf(stack, 'CdkAgentCoreRuntimeWorkflowRole')[0]).toEqual({
      Effect: 'Allow', Action: ['logs:CreateLogStream', 'logs:PutLogEvents', 'logs:GetLogEvents'], Resource: '<CdkAgentCoreRuntimeWorkflowLogGroup.Arn>',
    });
  });

  test('for the output are on the prefix of the bucket, and on its key', () => {
    const stack = testStack();
    const outputBucket = new Bucket(stack, 'Bucket', { encryptionKey: new Key(stack, 'Key') });
    machine(stack, AgentCoreRunCommand.jsonPath(stack, 'Run', { runtime: agent(stack), command: Command.shell('true'), outputBucket, outputPrefix: 'nightly/' }));
    expect(statementsOf(stack, 'CdkAgentCoreRuntimeWorkflowRoleDefaultPolicy').slice(1)).toEqual(bucketOutput('nightly/'));
  });
});

describe('refusals', () => {
  const refused = (props: Partial<AgentCoreRunCommandProps>, more?: object) => {
    const stack = testStack();
    return () => AgentCoreRunCommand.jsonPath(stack, 'Run', { runtime: agent(stack, more), command: Command.shell('true'), ...props });
  };

  test.each<[string, Partial<AgentCoreRunCommandProps>, string]>([
    ['more than an hour', { commandTimeout: Duration.minutes(61) }, 'Stack/Run: commandTimeout of 3660 s is not a whole number from 1 to 3600 s'],
    ['a part of a second', { commandTimeout: Duration.millis(1_500) }, 'commandTimeout of 1.5 s'],
    ['no command', { command: Command.shell(' ') }, 'command is empty'],
    ['a short session id', { sessionId: 'short' }, 'has 5 characters, allowed are 33 to 256'],
    ['a relative directory', { workingDirectory: 'src' }, 'working directory "src"'],
    ['a prefix without a bucket', { outputPrefix: 'x/' }, 'outputPrefix is about outputBucket, which is not there'],
    ['a short observation', { observationCharacters: 10 }, 'observationCharacters of 10 is not a whole number from 500 to 100000'],
    ['a secret', { environment: { TOKEN: SecretValue.secretsManager('token').unsafeUnwrap() } }, 'environment variable TOKEN holds a secret'],
  ])('of %s', (_, props, message) => {
    expect(refused(props)).toThrow(message);
  });

  test('of an agent that does not authorize by IAM', () => {
    const authorizerConfiguration = RuntimeAuthorizerConfiguration.usingJWT('https://example.com/.well-known/openid-configuration', ['client']);
    expect(refused({}, { authorizerConfiguration })).toThrow('authorizes callers by JWT');
  });

  test('of an agent that may take longer than a function', () => {
    const stack = testStack();
    expect(() => AgentCoreInvokeAgent.jsonPath(stack, 'Invoke', { runtime: agent(stack), agentTimeout: Duration.minutes(15) }))
      .toThrow('agentTimeout of 900 s is not a whole number from 1 to 840 s');
  });

  test('what is a token or an expression is let through', () => {
    const stack = testStack();
    const parameter = new CfnParameter(stack, 'Command').valueAsString;
    expect(() => AgentCoreRunCommand.jsonata(stack, 'Run', {
      runtime: agent(stack), command: Command.shell(parameter), sessionId: '{% $states.input.id %}', workingDirectory: '{% $states.input.cwd %}',
    })).not.toThrow();
  });
});

test('a function in another stack of the same app is another one', () => {
  const app = new App();
  const runtime = agent(new Stack(app, 'Agents'));
  const stacks = ['One', 'Two'].map((id) => new Stack(app, id));
  for (const stack of stacks) {
    new StateMachine(stack, 'Machine', { definitionBody: DefinitionBody.fromChainable(AgentCoreStopSession.jsonPath(stack, 'Stop', { runtime })) });
  }
  for (const stack of stacks) expect(Object.values(templateOf(stack).Resources).filter(({ Type }) => Type === 'AWS::Lambda::Function')).toHaveLength(1);
});
