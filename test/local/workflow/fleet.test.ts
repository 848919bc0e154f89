import { CfnOutput } from 'aws-cdk-lib';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { DefinitionBody, DistributedMap, Fail, JsonPath, ResultWriterV2, S3JsonItemReader, StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { LocalStack } from './stack';
import { AgentCoreRunCommand, AgentCoreStopSession, Command } from '../../../src';
import { AgentSession } from '../../../src/client';

// a Distributed Map of the CDK over sessions, each with its own execution, as it runs locally

const SESSIONS = 10;
const sessions = Array.from({ length: SESSIONS }, (_, i) => ({
  sessionId: `session-number-${String(i).padStart(3, '0')}-of-the-whole-fleet`,
  exit: i === 7 ? '3' : '0',
}));

const stack = new LocalStack();
beforeAll(async () => {
  await stack.deploy((scope, runtime) => {
    const bucket = new Bucket(scope, 'Objects');
    const fleet = (id: string, toleratedFailurePercentage: number, fromObject: boolean) => {
      const sessionId = JsonPath.stringAt('$.sessionId');
      const run = AgentCoreRunCommand.jsonPath(scope, `${id}Run`, {
        runtime, sessionId, command: Command.argv('sh', '-c', 'echo "$0"; exit "$1"', sessionId, JsonPath.stringAt('$.exit')), resultPath: '$.result',
      });
      const stop = AgentCoreStopSession.jsonPath(scope, `${id}Stop`, { runtime, sessionId, resultPath: JsonPath.DISCARD });
      const failed = AgentCoreStopSession.jsonPath(scope, `${id}StopFailed`, { runtime, sessionId, resultPath: JsonPath.DISCARD });
      run.addCatch(failed.next(new Fail(scope, `${id}Failed`, { errorPath: '$.error.Error', causePath: '$.error.Cause' })), { resultPath: '$.error' });
      const map = new DistributedMap(scope, id, {
        maxConcurrency: 4,
        toleratedFailurePercentage,
        ...(fromObject ? {
          itemReader: new S3JsonItemReader({ bucket, key: 'sessions.json' }),
          resultWriterV2: new ResultWriterV2({ bucket, prefix: 'results' }),
        } : { itemsPath: '$.sessions' }),
      }).itemProcessor(run.next(stop));
      new StateMachine(scope, `${id}Machine`, { definitionBody: DefinitionBody.fromChainable(map) });
    };
    fleet('Fleet', 10, true);
    fleet('Strict', 0, false);
    new CfnOutput(scope, 'Bucket', { value: bucket.bucketName });
    new CfnOutput(scope, 'AgentArn', { value: runtime.agentRuntimeArn });
  }, {
    // the stream of a command breaks off, and the service takes nothing for a moment
    faults: [
      { kind: 'cutStream', operation: 'InvokeAgentRuntimeCommand', skip: 5, times: 1 },
      { kind: 'error', operation: 'InvokeAgentRuntimeCommand', error: 'ThrottlingException', skip: 11, times: 1 },
    ],
  });
});
afterAll(async () => stack.end());

const objectAt = (key: string) => `${stack.local.endpoint}/_local/objects/${stack.outputs.Bucket}/${key}`;
const json = async (key: string): Promise<any> => (await fetch(objectAt(key))).json();

test('each session of a list in S3 is accounted for once, within the tolerated failures, and none goes on', async () => {
  await fetch(objectAt('sessions.json'), { method: 'PUT', body: JSON.stringify(sessions) });
  const result: any = await stack.execute('FleetMachine', {});
  expect(result).toMatchObject({ status: 'SUCCEEDED', output: { ResultWriterDetails: { Bucket: stack.outputs.Bucket } } });

  const { ResultFiles } = await json(result.output.ResultWriterDetails.Key);
  const [succeeded, failed] = await Promise.all(['SUCCEEDED', 'FAILED'].map(async (status) => json(ResultFiles[status][0].Key)));
  expect(ResultFiles.PENDING).toEqual([]);
  expect([...succeeded, ...failed].map(({ Input }) => JSON.parse(Input).sessionId).sort()).toEqual(sessions.map(({ sessionId }) => sessionId));
  expect(failed).toMatchObject([{ Error: 'CommandFailed', Status: 'FAILED', Input: JSON.stringify(sessions[7]) }]);
  for (const { Output } of succeeded) expect(JSON.parse(Output).result.stdoutTail).toBe(`${JSON.parse(Output).sessionId}\n`);
  expect(new Set([...succeeded, ...failed].map(({ ExecutionArn }) => ExecutionArn)).size).toBe(SESSIONS);

  for (const { sessionId } of sessions) {
    const session = AgentSession.of({ runtimeArn: stack.outputs.AgentArn, sessionId, endpoint: stack.local.endpoint });
    expect(await session.stop()).toBe(false);
    session.close();
  }
});

test('one failure more than is tolerated ends it', async () => {
  expect(await stack.execute('StrictMachine', { sessions: sessions.slice(6, 9) })).toMatchObject({
    status: 'FAILED', error: 'States.ExceedToleratedFailureThreshold', cause: expect.stringContaining('tolerated are 0; the first by CommandFailed'),
  });
});
