"""Uses the local AgentCore as any program over boto3 would; prints what it saw as one JSON object."""
import json
import uuid

import boto3
from botocore.exceptions import ClientError, EventStreamError

control = boto3.client('bedrock-agentcore-control')
data = boto3.client('bedrock-agentcore')
logs = boto3.client('logs')
seen = {}


def error_of(call, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        return error.response['Error']['Code']
    return None


runtime = dict(
    agentRuntimeName='py',
    agentRuntimeArtifact={'containerConfiguration': {'containerUri': '000000000000.dkr.ecr.eu-west-1.amazonaws.com/agent:1'}},
    roleArn='arn:aws:iam::000000000000:role/agent',
    networkConfiguration={'networkMode': 'PUBLIC'},
    filesystemConfigurations=[{'sessionStorage': {'mountPath': '/mnt/workspace'}}],
)
created = control.create_agent_runtime(**runtime)
arn, runtime_id = created['agentRuntimeArn'], created['agentRuntimeId']
seen.update(arn=arn, created=created['status'])
got = control.get_agent_runtime(agentRuntimeId=runtime_id)
seen.update(status=got['status'], version=got['agentRuntimeVersion'], filesystems=got['filesystemConfigurations'])
seen['names'] = [item['agentRuntimeName'] for item in control.list_agent_runtimes()['agentRuntimes']]
seen['duplicate'] = error_of(control.create_agent_runtime, **runtime)

session = str(uuid.uuid4())


def run(command):
    answer = data.invoke_agent_runtime_command(agentRuntimeArn=arn, runtimeSessionId=session, body={'command': command})
    assert answer['runtimeSessionId'] == session
    return [event['chunk'] for event in answer['stream']]


chunks = run("echo 'grün'; exit 3")
seen['events'] = [next(iter(chunk)) for chunk in chunks]
seen['stdout'] = ''.join(chunk.get('contentDelta', {}).get('stdout', '') for chunk in chunks)
seen['stop'] = chunks[-1]['contentStop']
seen['stopped'] = data.stop_runtime_session(agentRuntimeArn=arn, runtimeSessionId=session)['ResponseMetadata']['HTTPStatusCode']
seen['second_stop'] = error_of(data.stop_runtime_session, agentRuntimeArn=arn, runtimeSessionId=session)
try:
    run('fail')
except EventStreamError:
    seen['stream_error'] = 'EventStreamError'
seen['invoke_error'] = error_of(data.invoke_agent_runtime, agentRuntimeArn=arn, payload=b'{}')

logs.create_log_group(logGroupName='/py')
logs.create_log_stream(logGroupName='/py', logStreamName='one')
seen['log_error'] = error_of(logs.create_log_stream, logGroupName='/py', logStreamName='one')
logs.put_log_events(logGroupName='/py', logStreamName='one', logEvents=[{'timestamp': 1, 'message': 'from python'}])
events = logs.get_log_events(logGroupName='/py', logStreamName='one', startFromHead=True)['events']
seen['log_messages'] = [event['message'] for event in events]

seen['deleted'] = control.delete_agent_runtime(agentRuntimeId=runtime_id)['status']
seen['gone'] = error_of(control.get_agent_runtime, agentRuntimeId=runtime_id)
print(json.dumps(seen))
