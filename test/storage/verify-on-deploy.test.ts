import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import { AgentCoreRuntime, AgentRuntimeArtifact, CfnRuntime, Runtime } from 'aws-cdk-lib/aws-bedrockagentcore';
import { AgentRuntime, Provisioning, RuntimeMounts, SessionStorage } from '../../src';
import { RunningLocal, startLocal } from '../../src/local';
import { deploy, destroy } from '../../src/local/deployer';
import { image, resourceOf, templateOf, testStack } from '../util/stacks';

describe('the template', () => {
  it('has a command that measures, and the runtime tells its output', () => {
    const stack = testStack();
    const agent = new AgentRuntime(stack, 'Agent', { agentRuntimeArtifact: image(), sessionStorage: new SessionStorage(stack, 'Workspace', { verifyOnDeploy: true }) });
    const command = resourceOf(templateOf(stack), 'Custom::AgentCoreCommand');
    expect(command.Properties.Command).toContain('path=\'/mnt/workspace\'\n');
    expect(stack.resolve(agent.sessionStorageReport)).toEqual({ 'Fn::GetAtt': [command.id, 'Stdout'] });
  });

  it('has none without', () => {
    const stack = testStack();
    const agent = new AgentRuntime(stack, 'Agent', { agentRuntimeArtifact: image(), sessionStorage: new SessionStorage(stack, 'Workspace') });
    expect(agent.sessionStorageReport).toBeUndefined();
    expect(Object.values(templateOf(stack).Resources).map(({ Type }) => Type)).not.toContain('Custom::AgentCoreCommand');
  });
});

// The whole way: the measuring command runs in a real session of the local service.
describe.each([['the driver that works best here', undefined], ['plain processes', 'process' as const]])('deployed to the local service, sessions by %s', (_title, driver) => {
  let home: string;
  let local: RunningLocal;
  let assemblies = 0;

  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), 'verify-'));
    local = await startLocal({ port: 0, stateDir: join(home, 'agentcore'), driver, log: () => {} });
  });

  afterAll(async () => {
    await local.close();
    rmSync(home, { recursive: true, force: true });
  });

  afterEach(async () => { await destroy(options()); });

  const options = () => ({ endpoint: local.endpoint, stateDir: join(home, 'stacks'), onEvent: () => {}, onLog: () => {} });
  async function deployed(make: (stack: Stack) => void) {
    const app = new App({ outdir: join(home, `cdk.out-${assemblies++}`), analyticsReporting: false });
    make(new Stack(app, 'Demo'));
    return (await deploy({ ...options(), assemblyDirectory: app.synth().directory })).stacks[0];
  }

  const artifact = () => AgentRuntimeArtifact.fromCodeAsset({
    path: join(__dirname, '../../examples/coding-agent/agent'), runtime: AgentCoreRuntime.NODE_22, entrypoint: ['main.js'],
  });

  it.each([Provisioning.CUSTOM_RESOURCE, Provisioning.CLOUDFORMATION])('%s: the report tells what is there', async (provisioning) => {
    const { status, outputs, failure } = await deployed((stack) => {
      const agent = new AgentRuntime(stack, 'Agent', {
        agentRuntimeArtifact: artifact(), provisioning, sessionStorage: new SessionStorage(stack, 'Workspace', { verifyOnDeploy: true }),
      });
      new CfnOutput(stack, 'Report', { value: agent.sessionStorageReport! });
    });
    expect({ status, failure }).toEqual({ status: 'CREATE_COMPLETE', failure: undefined });
    const mounted = local.driver !== 'process';
    expect(JSON.parse(outputs.Report)).toEqual({
      mounted, writable: true, type: mounted ? expect.any(String) : null, sizeBytes: expect.any(Number), freeBytes: expect.any(Number),
    });
    expect(outputs.Report).not.toContain('\n');
  });

  it('a storage that is not mounted fails the deployment, and the reason says so', async () => {
    const { status, failure } = await deployed((stack) => {
      const runtime = new Runtime(stack, 'Agent', { agentRuntimeArtifact: artifact() });
      runtime.with(new RuntimeMounts({ sessionStorage: new SessionStorage(stack, 'Workspace', { mountPath: '/mnt/not-to-be-found', verifyOnDeploy: true }) }));
      // an escape hatch that takes the mount away again
      (runtime.node.defaultChild as CfnRuntime).addPropertyDeletionOverride('FilesystemConfigurations');
    });
    expect(status).toBe('ROLLBACK_COMPLETE');
    expect(failure!.reason).toMatch(/exit code 1 .*\/mnt\/not-to-be-found: there is no such directory in the session, so the filesystem is not mounted/);
  });
});
