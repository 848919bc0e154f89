// Uses the local AgentCore as any program over the AWS SDK for JavaScript would; prints what it saw as one JSON object, as end-to-end.py does.
import { randomUUID } from 'node:crypto';
import { BedrockAgentCore } from '@aws-sdk/client-bedrock-agentcore';
import { BedrockAgentCoreControl, paginateListAgentRuntimeVersions } from '@aws-sdk/client-bedrock-agentcore-control';
import { CloudWatchLogs } from '@aws-sdk/client-cloudwatch-logs';

const [name, bucket, key] = process.argv.slice(2);
const control = new BedrockAgentCoreControl({});
const data = new BedrockAgentCore({});
const logs = new CloudWatchLogs({});
const seen = {};

const errorOf = async (call) => call.then(() => { throw new Error('expected an error'); }, (error) => error);
const codeOf = async (call) => (await errorOf(call)).name;

// runtimes, versions, endpoints
const { agentRuntimeName, tags, ...update } = {
  agentRuntimeName: name,
  agentRuntimeArtifact: { codeConfiguration: { code: { s3: { bucket, prefix: key } }, runtime: 'NODE_22', entryPoint: ['main.mjs'] } },
  roleArn: 'arn:aws:iam::000000000000:role/agent',
  networkConfiguration: { networkMode: 'PUBLIC' },
  environmentVariables: { GREETING: 'grün' },
  filesystemConfigurations: [{ sessionStorage: { mountPath: '/mnt/workspace' } }],
  tags: { team: 'a' },
};
const runtime = { agentRuntimeName, tags, ...update };
const { agentRuntimeArn, agentRuntimeId, status: created } = await control.createAgentRuntime(runtime);
Object.assign(seen, { arn: agentRuntimeArn, created });
const got = await control.getAgentRuntime({ agentRuntimeId });
Object.assign(seen, { status: got.status, version: got.agentRuntimeVersion, filesystems: got.filesystemConfigurations });
seen.names = (await control.listAgentRuntimes({})).agentRuntimes.map((item) => item.agentRuntimeName);
seen.duplicate = await codeOf(control.createAgentRuntime(runtime));
const invalid = await errorOf(control.createAgentRuntime({ ...runtime, agentRuntimeName: 'not-a-name' }));
seen.invalid = [invalid.name, invalid.reason, invalid.fieldList.map((field) => field.name)];
await control.createAgentRuntimeEndpoint({ agentRuntimeId, name: 'pinned' });
seen.updated = (await control.updateAgentRuntime({ agentRuntimeId, ...update })).agentRuntimeVersion;
seen.pinned = (await control.getAgentRuntimeEndpoint({ agentRuntimeId, endpointName: 'pinned' })).liveVersion;
seen.versions = [];
for await (const page of paginateListAgentRuntimeVersions({ client: control, pageSize: 1 }, { agentRuntimeId })) {
  seen.versions.push(page.agentRuntimes.map((item) => item.agentRuntimeVersion));
}

// tags and policies
await control.tagResource({ resourceArn: agentRuntimeArn, tags: { stage: 'test' } });
await control.untagResource({ resourceArn: agentRuntimeArn, tagKeys: ['team'] });
seen.tags = (await control.listTagsForResource({ resourceArn: agentRuntimeArn })).tags;
const statement = { Effect: 'Allow', Principal: '*', Action: 'bedrock-agentcore:InvokeAgentRuntime', Resource: agentRuntimeArn };
const policy = JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
await control.putResourcePolicy({ resourceArn: agentRuntimeArn, policy });
seen.policy = (await control.getResourcePolicy({ resourceArn: agentRuntimeArn })).policy === policy;
await control.deleteResourcePolicy({ resourceArn: agentRuntimeArn });
seen.no_policy = await codeOf(control.getResourcePolicy({ resourceArn: agentRuntimeArn }));

// commands, storage, the agent
async function run(session, command, { timeout = 60, ...more } = {}) {
  const answer = await data.invokeAgentRuntimeCommand({ agentRuntimeArn, runtimeSessionId: session, body: { command, timeout }, ...more });
  if (answer.runtimeSessionId !== session) throw new Error(`session ${answer.runtimeSessionId}`);
  const chunks = [];
  for await (const { chunk } of answer.stream) chunks.push(chunk);
  const text = (stream) => chunks.map(({ contentDelta }) => contentDelta?.[stream] ?? '').join('');
  return { first: Object.keys(chunks[0])[0], stdout: text('stdout'), stderr: text('stderr'), ...chunks.at(-1).contentStop };
}

const session = randomUUID();
seen.run = await run(session, '/bin/sh -c \'echo $GREETING > /mnt/workspace/note; cat /mnt/workspace/note; echo oops >&2; exit 3\'');
seen.timed_out = await run(session, '/bin/sh -c \'echo begun; sleep 1000\'', { timeout: 1 });
const payload = JSON.stringify({ ask: 'ü' });
const answer = await data.invokeAgentRuntime({ agentRuntimeArn, runtimeSessionId: session, contentType: 'application/json', payload });
seen.invoked = [answer.runtimeSessionId === session, JSON.parse(await answer.response.transformToString())];
seen.stopped = (await data.stopRuntimeSession({ agentRuntimeArn, runtimeSessionId: session })).$metadata.httpStatusCode;
seen.second_stop = await codeOf(data.stopRuntimeSession({ agentRuntimeArn, runtimeSessionId: session }));
seen.resumed = (await run(session, 'cat /mnt/workspace/note')).stdout;
seen.on_other_endpoint = (await run(session, 'ls -A /mnt/workspace', { qualifier: 'pinned' })).stdout;
seen.in_other_session = (await run(randomUUID(), 'ls -A /mnt/workspace')).stdout;

// an error in the middle of a stream
const service = [{ kind: 'streamException', operation: 'InvokeAgentRuntimeCommand', error: 'ThrottlingException', message: 'too many' }];
await fetch(`${process.env.AWS_ENDPOINT_URL_BEDROCK_AGENTCORE}/_local/faults`, { method: 'PUT', body: JSON.stringify({ version: 1, service }) });
seen.stream_error = await codeOf(run(session, 'true'));

// logs
const at = { logGroupName: `/${name}`, logStreamName: 'one' };
await logs.createLogGroup({ logGroupName: at.logGroupName });
await logs.createLogStream(at);
seen.log_error = await codeOf(logs.createLogStream(at));
await logs.putLogEvents({ ...at, logEvents: [{ timestamp: 1, message: 'from a client' }] });
seen.log_messages = (await logs.getLogEvents({ ...at, startFromHead: true })).events.map(({ message }) => message);

// the end
seen.in_use = await codeOf(control.deleteAgentRuntime({ agentRuntimeId }));
await control.deleteAgentRuntimeEndpoint({ agentRuntimeId, endpointName: 'pinned' });
seen.deleted = (await control.deleteAgentRuntime({ agentRuntimeId })).status;
seen.gone = await codeOf(control.getAgentRuntime({ agentRuntimeId }));
process.stdout.write(`${JSON.stringify(seen)}\n`);
