import { ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { BedrockAgentCoreControlClient, CreateAgentRuntimeCommand } from '@aws-sdk/client-bedrock-agentcore-control';

/** The file that `npx cdk-agentcore` runs. */
export const CLI = join(__dirname, '../../../bin/cdk-agentcore');

export const SESSION = 'a-session-id-of-at-least-33-characters';

/** The command-line tool in a directory of its own, with a local AgentCore where one was started. */
export class LocalCli {
  public readonly home = mkdtempSync(join(tmpdir(), 'cli-'));
  public endpoint?: string;
  private server?: ChildProcess;

  public async start(...args: string[]): Promise<void> {
    this.server = spawn(process.execPath, [CLI, 'local', 'start', '--port', '0', '--state', 'state', ...args], { cwd: this.home, stdio: ['ignore', 'pipe', 'ignore'] });
    const line = await new Promise<string>((resolve, reject) => {
      createInterface(this.server!.stdout!).once('line', resolve);
      this.server!.once('exit', (code) => reject(new Error(`local start ended with ${code}`)));
    });
    ({ endpoint: this.endpoint } = JSON.parse(line));
  }

  /** Ends the local AgentCore and removes the directory. */
  public async end(): Promise<void> {
    // one that could not start has ended by itself
    if (this.server?.exitCode === null && this.server.signalCode === null) {
      const ended = once(this.server, 'exit');
      this.server.kill('SIGTERM');
      await ended;
    }
    rmSync(this.home, { recursive: true, force: true });
  }

  public environment(more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
    return { PATH: process.env.PATH, HOME: this.home, XDG_STATE_HOME: join(this.home, 'xdg'), ...(this.endpoint ? { CDK_AGENTCORE_ENDPOINT: this.endpoint } : {}), ...more };
  }

  public run(args: readonly string[], env: NodeJS.ProcessEnv = {}, input = '') {
    const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, ...args], { cwd: this.home, encoding: 'utf8', env: this.environment(env), input });
    return { status, stdout, stderr };
  }

  /** Runs it beside this process, which may serve it then. */
  public spawn(args: readonly string[], env: NodeJS.ProcessEnv = {}): ChildProcess {
    return spawn(process.execPath, [CLI, ...args], { cwd: this.home, env: this.environment(env), stdio: ['ignore', 'pipe', 'pipe'] });
  }

  /** Makes a runtime and gives its id. */
  public async createRuntime(name: string): Promise<string> {
    const control = new BedrockAgentCoreControlClient({ endpoint: this.endpoint, region: 'us-east-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } });
    const { agentRuntimeId } = await control.send(new CreateAgentRuntimeCommand({
      agentRuntimeName: name,
      roleArn: 'arn:aws:iam::000000000000:role/agent',
      agentRuntimeArtifact: { containerConfiguration: { containerUri: '000000000000.dkr.ecr.us-east-1.amazonaws.com/coder:1' } },
      networkConfiguration: { networkMode: 'PUBLIC' },
      filesystemConfigurations: [{ sessionStorage: { mountPath: '/mnt/workspace' } }],
    }));
    control.destroy();
    return agentRuntimeId!;
  }

  /** Writes a cloud assembly of one stack. */
  public writeAssembly(directory: string, resources: object, { stackName = 'Stack', outputs = {}, region = 'unknown-region', nested = {} }: AssemblyOptions = {}): void {
    const path = join(this.home, directory);
    mkdirSync(path, { recursive: true });
    writeFileSync(join(path, 'manifest.json'), JSON.stringify({
      version: '53.0.0',
      artifacts: {
        assets: { type: 'cdk:asset-manifest', properties: { file: 'assets.json' } },
        [stackName]: {
          type: 'aws:cloudformation:stack', environment: `aws://unknown-account/${region}`, properties: { templateFile: 'Stack.template.json' }, dependencies: ['assets'],
        },
      },
    }));
    const files = Object.keys(nested).map((name) => [name, {
      source: { path: `${name}.json`, packaging: 'file' }, destinations: { d: { bucketName: 'assets-${AWS::Region}', objectKey: `${name}.json` } },
    }]);
    writeFileSync(join(path, 'assets.json'), JSON.stringify({ files: Object.fromEntries(files) }));
    for (const [name, template] of Object.entries(nested)) writeFileSync(join(path, `${name}.json`), JSON.stringify({ Resources: template }));
    writeFileSync(join(path, 'Stack.template.json'), JSON.stringify({ Resources: resources, Outputs: outputs }));
  }
}

interface AssemblyOptions {
  readonly stackName?: string;
  readonly outputs?: object;
  readonly region?: string;
  /** The resources of nested stacks, by the names of their templates. */
  readonly nested?: Readonly<Record<string, object>>;
}

/** A nested stack of a template, as the CDK declares it. */
export function nestedStack(name: string): object {
  return { Type: 'AWS::CloudFormation::Stack', Properties: { TemplateURL: { 'Fn::Sub': `https://s3.\${AWS::Region}.\${AWS::URLSuffix}/assets-\${AWS::Region}/${name}.json` } } };
}

/** A native runtime of a template. */
export function nativeRuntime(name: string, path?: string): object {
  return {
    Type: 'AWS::BedrockAgentCore::Runtime',
    Properties: {
      AgentRuntimeName: name,
      RoleArn: 'arn:aws:iam::000000000000:role/agent',
      AgentRuntimeArtifact: { ContainerConfiguration: { ContainerUri: '000000000000.dkr.ecr.us-east-1.amazonaws.com/coder:1' } },
      NetworkConfiguration: { NetworkMode: 'PUBLIC' },
    },
    ...(path ? { Metadata: { 'aws:cdk:path': path } } : {}),
  };
}
