import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';
import { clientEnvironment } from './support/client-environment';
import { containerInput, Harness, policyFor } from './support/harness';
import { testWith } from '../../util/needs';

const WITH_RUNTIMES = {
  lack: 'the AWS CLI is too old to know AgentCore',
  isMet: spawnSync('aws', ['bedrock-agentcore-control', 'list-agent-runtimes', 'help'], { env: { ...process.env, AWS_PAGER: '' } }).status === 0,
};

testWith(['aws', WITH_RUNTIMES], 'an unmodified AWS CLI drives the control plane', async () => {
  const harness = await Harness.start();
  const aws = async (operation: string, ...args: string[]) => {
    const env = { ...clientEnvironment(harness.endpoint, harness.stateDir), AWS_PAGER: '' };
    const { stdout } = await promisify(execFile)('aws', ['bedrock-agentcore-control', operation, '--output', 'json', ...args], { env });
    return stdout.trim() === '' ? undefined : JSON.parse(stdout);
  };
  try {
    const { agentRuntimeName, ...update } = containerInput('agent');
    const { agentRuntimeId, agentRuntimeArn, status } = await aws('create-agent-runtime', '--cli-input-json', JSON.stringify({ ...update, agentRuntimeName }));
    expect({ agentRuntimeArn, status }).toEqual({ agentRuntimeArn: expect.stringMatching(/^arn:aws:bedrock-agentcore:eu-west-1:/), status: 'CREATING' });
    const id = ['--agent-runtime-id', agentRuntimeId];
    expect(await aws('create-agent-runtime-endpoint', ...id, '--name', 'prod')).toMatchObject({ targetVersion: '1' });
    expect(await aws('update-agent-runtime', ...id, '--cli-input-json', JSON.stringify(update))).toMatchObject({ agentRuntimeVersion: '2' });
    expect(await aws('get-agent-runtime', ...id)).toMatchObject({ ...containerInput('agent'), status: 'READY', agentRuntimeVersion: '2' });
    expect(await aws('list-agent-runtime-versions', ...id, '--page-size', '1', '--query', 'agentRuntimes[].agentRuntimeVersion')).toEqual(['2', '1']);
    expect(await aws('list-agent-runtime-endpoints', ...id, '--query', 'runtimeEndpoints[?name==`prod`].liveVersion')).toEqual(['1']);
    await aws('put-resource-policy', '--resource-arn', agentRuntimeArn, '--policy', policyFor(agentRuntimeArn));
    expect(await aws('get-resource-policy', '--resource-arn', agentRuntimeArn)).toEqual({ policy: policyFor(agentRuntimeArn) });
    await expect(aws('delete-agent-runtime', ...id)).rejects.toThrow(/\(ConflictException\).*prod/s);
    await aws('delete-agent-runtime-endpoint', ...id, '--endpoint-name', 'prod');
    expect(await aws('delete-agent-runtime', ...id)).toMatchObject({ status: 'DELETING' });
    await expect(aws('get-agent-runtime', ...id)).rejects.toThrow(/\(ResourceNotFoundException\)/);
  } finally {
    await harness.end();
  }
}, 600_000);
