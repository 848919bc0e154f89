import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import { AgentCoreRuntime, AgentRuntimeArtifact } from 'aws-cdk-lib/aws-bedrockagentcore';
import { AgentRuntime, Command, CommandRunner } from '../../src';
import { RunningLocal, startLocal } from '../../src/local';
import { deploy, destroy } from '../../src/local/deployer';
import { LOCAL_ACCOUNT } from '../../src/local/identity';

// A runtime of one app, and commands on it in another one that knows nothing but its ARN.

let home: string;
let local: RunningLocal;

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'imported-runtime-'));
  local = await startLocal({ port: 0, stateDir: join(home, 'agentcore'), log: () => {} });
});

afterAll(async () => {
  await local.close();
  rmSync(home, { recursive: true, force: true });
});

const options = (app: string) => ({ endpoint: local.endpoint, stateDir: join(home, `stacks-${app}`), onEvent: () => {}, onLog: () => {} });

async function deployed(name: string, region: string, declare: (stack: Stack) => void) {
  const app = new App({ outdir: join(home, `cdk.out-${name}`), analyticsReporting: false });
  declare(new Stack(app, name, { env: { region, account: LOCAL_ACCOUNT } }));
  const { stacks: [result] } = await deploy({ ...options(name), assemblyDirectory: app.synth().directory });
  return result;
}

test.each(['us-east-1', 'eu-west-1'])('from a stack in us-east-1, commands run in an imported runtime in %s', async (region) => {
  const { outputs: { Arn: arn } } = await deployed('Owner', region, (stack) => {
    const runtime = new AgentRuntime(stack, 'Agent', {
      agentRuntimeArtifact: AgentRuntimeArtifact.fromCodeAsset({
        path: join(__dirname, '../../examples/coding-agent/agent'), runtime: AgentCoreRuntime.NODE_22, entrypoint: ['main.js'],
      }),
      environmentVariables: { MOOD: 'calm' },
    });
    new CfnOutput(stack, 'Arn', { value: runtime.agentRuntimeArn });
  });
  expect(arn).toContain(`:${region}:${LOCAL_ACCOUNT}:runtime/`);

  const user = await deployed('User', 'us-east-1', (stack) => {
    const runtime = AgentRuntime.fromAgentRuntimeArn(stack, 'Imported', arn);
    const check = new CommandRunner(stack, 'Check', { runtime, command: Command.shell('echo "$MOOD"') });
    new CfnOutput(stack, 'Stdout', { value: check.stdout });
  });
  expect(user).toMatchObject({ status: 'CREATE_COMPLETE', outputs: { Stdout: 'calm\n' } });
  await destroy(options('User'));
  await destroy(options('Owner'));
});
