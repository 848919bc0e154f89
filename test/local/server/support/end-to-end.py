"""Uses the local AgentCore as any program over boto3 would; prints what it saw as one JSON object, as end-to-end.mjs does."""
import json
import os
import sys
import urllib.request
import uuid

import boto3
from botocore.exceptions import ClientError, EventStreamError

name, bucket, key = sys.argv[1:]
control = boto3.client('bedrock-agentcore-control')
data = boto3.client('bedrock-agentcore')
logs = boto3.client('logs')
seen = {}


def error_of(call, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        return error.response
    return None


def code_of(call, **arguments):
    return error_of(call, **arguments)['Error']['Code']


# runtimes, versions, endpoints
runtime = dict(
    agentRuntimeName=name,
    agentRuntimeArtifact={'codeConfiguration': {'code': {'s3': {'bucket': bucket, 'prefix': key}}, 'runtime': 'NODE_22', 'entryPoint': ['main.mjs']}},
    roleArn='arn:aws:iam::000000000000:role/agent',
    networkConfiguration={'networkMode': 'PUBLIC'},
    environmentVariables={'GREETING': 'grün'},
    filesystemConfigurations=[{'sessionStorage': {'mountPath': '/mnt/workspace'}}],
    tags={'team': 'a'},
)
created = control.create_agent_runtime(**runtime)
arn, runtime_id = created['agentRuntimeArn'], created['agentRuntimeId']
seen.update(arn=arn, created=created['status'])
got = control.get_agent_runtime(agentRuntimeId=runtime_id)
seen.update(status=got['status'], version=got['agentRuntimeVersion'], filesystems=got['filesystemConfigurations'])
seen['names'] = [item['agentRuntimeName'] for item in control.list_agent_runtimes()['agentRuntimes']]
seen['duplicate'] = code_of(control.create_agent_runtime, **runtime)
invalid = error_of(control.create_agent_runtime, **{**runtime, 'agentRuntimeName': 'not-a-name'})
seen['invalid'] = [invalid['Error']['Code'], invalid['reason'], [field['name'] for field in invalid['fieldList']]]
control.create_agent_runtime_endpoint(agentRuntimeId=runtime_id, name='pinned')
update = {member: value for member, value in runtime.items() if member not in ('agentRuntimeName', 'tags')}
seen['updated'] = control.update_agent_runtime(agentRuntimeId=runtime_id, **update)['agentRuntimeVersion']
seen['pinned'] = control.get_agent_runtime_endpoint(agentRuntimeId=runtime_id, endpointName='pinned')['liveVersion']
pages = control.get_paginator('list_agent_runtime_versions').paginate(agentRuntimeId=runtime_id, PaginationConfig={'PageSize': 1})
seen['versions'] = [[item['agentRuntimeVersion'] for item in page['agentRuntimes']] for page in pages]

# tags and policies
control.tag_resource(resourceArn=arn, tags={'stage': 'test'})
control.untag_resource(resourceArn=arn, tagKeys=['team'])
seen['tags'] = control.list_tags_for_resource(resourceArn=arn)['tags']
policy = json.dumps({'Version': '2012-10-17', 'Statement': [
    {'Effect': 'Allow', 'Principal': '*', 'Action': 'bedrock-agentcore:InvokeAgentRuntime', 'Resource': arn},
]})
control.put_resource_policy(resourceArn=arn, policy=policy)
seen['policy'] = control.get_resource_policy(resourceArn=arn)['policy'] == policy
control.delete_resource_policy(resourceArn=arn)
seen['no_policy'] = code_of(control.get_resource_policy, resourceArn=arn)


# commands, storage, the agent
def run(session, command, **more):
    answer = data.invoke_agent_runtime_command(agentRuntimeArn=arn, runtimeSessionId=session, body={'command': command, 'timeout': more.pop('timeout', 60)}, **more)
    assert answer['runtimeSessionId'] == session
    chunks = [event['chunk'] for event in answer['stream']]
    text = {stream: ''.join(chunk.get('contentDelta', {}).get(stream, '') for chunk in chunks) for stream in ('stdout', 'stderr')}
    return dict(first=next(iter(chunks[0])), **text, **chunks[-1]['contentStop'])


session = str(uuid.uuid4())
seen['run'] = run(session, "/bin/sh -c 'echo $GREETING > /mnt/workspace/note; cat /mnt/workspace/note; echo oops >&2; exit 3'")
seen['timed_out'] = run(session, "/bin/sh -c 'echo begun; sleep 1000'", timeout=1)
answer = data.invoke_agent_runtime(agentRuntimeArn=arn, runtimeSessionId=session, contentType='application/json', payload=json.dumps({'ask': 'ü'}).encode())
seen['invoked'] = [answer['runtimeSessionId'] == session, json.loads(answer['response'].read())]
seen['stopped'] = data.stop_runtime_session(agentRuntimeArn=arn, runtimeSessionId=session)['ResponseMetadata']['HTTPStatusCode']
seen['second_stop'] = code_of(data.stop_runtime_session, agentRuntimeArn=arn, runtimeSessionId=session)
seen['resumed'] = run(session, 'cat /mnt/workspace/note')['stdout']
seen['on_other_endpoint'] = run(session, 'ls -A /mnt/workspace', qualifier='pinned')['stdout']
seen['in_other_session'] = run(str(uuid.uuid4()), 'ls -A /mnt/workspace')['stdout']


# an error in the middle of a stream
def set_faults(*faults):
    body = json.dumps({'version': 1, 'service': faults}).encode()
    urllib.request.urlopen(urllib.request.Request(os.environ['AWS_ENDPOINT_URL_BEDROCK_AGENTCORE'] + '/_local/faults', body, method='PUT')).close()


set_faults({'kind': 'streamException', 'operation': 'InvokeAgentRuntimeCommand', 'error': 'ThrottlingException', 'message': 'too many'})
try:
    run(session, 'true')
except EventStreamError as error:
    seen['stream_error'] = error.response['Error']['Code'][0].upper() + error.response['Error']['Code'][1:]

# logs
group = '/' + name
logs.create_log_group(logGroupName=group)
logs.create_log_stream(logGroupName=group, logStreamName='one')
seen['log_error'] = code_of(logs.create_log_stream, logGroupName=group, logStreamName='one')
logs.put_log_events(logGroupName=group, logStreamName='one', logEvents=[{'timestamp': 1, 'message': 'from a client'}])
events = logs.get_log_events(logGroupName=group, logStreamName='one', startFromHead=True)['events']
seen['log_messages'] = [event['message'] for event in events]

# the end
seen['in_use'] = code_of(control.delete_agent_runtime, agentRuntimeId=runtime_id)
control.delete_agent_runtime_endpoint(agentRuntimeId=runtime_id, endpointName='pinned')
seen['deleted'] = control.delete_agent_runtime(agentRuntimeId=runtime_id)['status']
seen['gone'] = code_of(control.get_agent_runtime, agentRuntimeId=runtime_id)
print(json.dumps(seen))
