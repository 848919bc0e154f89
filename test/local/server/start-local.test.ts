import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BedrockAgentCoreClient, InvokeAgentRuntimeCommand, InvokeAgentRuntimeCommandCommand, StopRuntimeSessionCommand } from '@aws-sdk/client-bedrock-agentcore';
import { BedrockAgentCoreControlClient, CreateAgentRuntimeCommand, UpdateAgentRuntimeCommand } from '@aws-sdk/client-bedrock-agentcore-control';
import { codeArtifact, containerInput, ROLE_ARN } from './support/harness';
import { zipOf } from './support/zip';
import { startLocal } from '../../../src/local';
import { composeCommandLine } from '../../../src/service/command-line';

const SESSION = 'a-session-id-of-at-least-33-characters';

const AGENT = `
import { createServer } from 'node:http';
import { appendFileSync, readFileSync } from 'node:fs';
createServer((request, response) => {
  if (request.url === '/ping') return response.end('{"status":"Healthy"}');
  // where processes cannot have a mount, a variable tells its directory
  const path = (process.env.AGENTCORE_LOCAL_MOUNT_0 ?? '/mnt/workspace') + '/tasks';
  let body = '';
  request.on('data', (chunk) => { body += chunk; });
  request.on('end', () => {
    appendFileSync(path, body);
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ tasks: readFileSync(path, 'utf8') }));
  });
}).listen(8080, '0.0.0.0');
`;

test('a session keeps the files on its mount over a stop, for the agent and for commands, until a new version comes', async () => {
  const stateDir = await mkdtemp(join(tmpdir(), 'agentcore-local-'));
  const local = await startLocal({ port: 0, stateDir, log: () => undefined });
  const config = { endpoint: local.endpoint, region: 'us-east-1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' }, maxAttempts: 1 };
  const control = new BedrockAgentCoreControlClient(config);
  const data = new BedrockAgentCoreClient(config);
  try {
    await fetch(`${local.endpoint}/_local/objects/assets/agent.zip`, { method: 'PUT', body: await zipOf([{ name: 'main.mjs', content: AGENT }]) as any });
    const input = { ...containerInput('agent'), agentRuntimeArtifact: codeArtifact('assets', 'agent.zip') };
    const { agentRuntimeArn, agentRuntimeId } = await control.send(new CreateAgentRuntimeCommand(input));
    const at = { agentRuntimeArn, runtimeSessionId: SESSION };
    const invoke = async (task: string) => {
      const { response } = await data.send(new InvokeAgentRuntimeCommand({ ...at, payload: Buffer.from(task) }));
      return JSON.parse(await response!.transformToString());
    };
    const run = async (command: string) => {
      const body = { command: composeCommandLine({ command }), timeout: 30 };
      const { stream } = await data.send(new InvokeAgentRuntimeCommandCommand({ ...at, body }));
      let stdout = '';
      for await (const { chunk } of stream!) stdout += chunk?.contentDelta?.stdout ?? '';
      return stdout;
    };
    expect(await invoke('one;')).toEqual({ tasks: 'one;' });
    expect(await run('cat /mnt/workspace/tasks && echo two >> /mnt/workspace/tasks')).toBe('one;');
    await data.send(new StopRuntimeSessionCommand(at));
    expect(await invoke('three;')).toEqual({ tasks: 'one;two\nthree;' });

    const health: any = await (await fetch(`${local.endpoint}/_local/health`)).json();
    expect(health).toMatchObject({ status: 'ok', driver: local.driver, tokenizer: 'strict', runtimes: 1, sessions: 1 });

    const { agentRuntimeName, ...update } = input;
    await control.send(new UpdateAgentRuntimeCommand({ ...update, agentRuntimeId, roleArn: ROLE_ARN }));
    await data.send(new StopRuntimeSessionCommand(at));
    expect(await invoke('anew;')).toEqual({ tasks: 'anew;' });
  } finally {
    control.destroy();
    data.destroy();
    await local.close();
    await rm(stateDir, { recursive: true });
  }
});
