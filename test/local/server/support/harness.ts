import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BedrockAgentCoreClient } from '@aws-sdk/client-bedrock-agentcore';
import { BedrockAgentCoreControlClient, CreateAgentRuntimeCommandInput, CreateCapacityProviderCommandInput } from '@aws-sdk/client-bedrock-agentcore-control';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { FakeSessions } from './fake-sessions';
import { LocalAgentCore, LocalAgentCoreOptions, startLocalAgentCore } from '../../../../src/local/server';
import { FakeClock } from '../../../util/fake-clock';

export const ROLE_ARN = 'arn:aws:iam::000000000000:role/agent';

/** A local AgentCore for one test: its own state directory, fake sessions, a clock that the test moves. */
export class Harness {
  public static async start(options: Partial<LocalAgentCoreOptions> = {}): Promise<Harness> {
    const harness = new Harness(await mkdtemp(join(tmpdir(), 'agentcore-server-')), options);
    await harness.startServer();
    return harness;
  }

  public readonly clock = new FakeClock(Date.parse('2026-01-01T00:00:00Z'));
  public readonly logged: string[] = [];
  public sessions = new FakeSessions();
  private server?: LocalAgentCore;
  private readonly clients: { destroy(): void }[] = [];

  private constructor(public readonly stateDir: string, private readonly options: Partial<LocalAgentCoreOptions>) {}

  public get endpoint(): string {
    return this.server!.endpoint;
  }

  public get port(): number {
    return this.server!.port;
  }

  public async startServer(): Promise<void> {
    this.server = await startLocalAgentCore({
      port: 0, stateDir: this.stateDir, sessions: this.sessions, clock: this.clock, log: (line) => this.logged.push(line), ...this.options,
    });
  }

  public async stopServer(): Promise<void> {
    const server = this.server;
    this.server = undefined;
    await server?.close();
  }

  public async restart(): Promise<void> {
    await this.stopServer();
    await this.startServer();
  }

  public async end(): Promise<void> {
    for (const client of this.clients) client.destroy();
    await this.stopServer();
    await this.sessions.close();
    await rm(this.stateDir, { recursive: true });
  }

  public control(region = 'us-east-1'): BedrockAgentCoreControlClient {
    return this.kept(new BedrockAgentCoreControlClient(this.config(region)));
  }

  public data(region = 'us-east-1'): BedrockAgentCoreClient {
    return this.kept(new BedrockAgentCoreClient(this.config(region)));
  }

  public cloudWatchLogs(): CloudWatchLogsClient {
    return this.kept(new CloudWatchLogsClient(this.config('us-east-1')));
  }

  /** Lets go wrong what the part `service` of a fault plan says. */
  public async setFaults(...service: object[]): Promise<void> {
    const response = await fetch(`${this.endpoint}/_local/faults`, { method: 'PUT', body: JSON.stringify({ version: 1, service }) });
    if (!response.ok) throw new Error(await response.text());
    await response.body?.cancel();
  }

  private config(region: string) {
    return { endpoint: this.endpoint, region, credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' }, maxAttempts: 1 };
  }

  private kept<T extends { destroy(): void }>(client: T): T {
    this.clients.push(client);
    return client;
  }
}

/** The input for a runtime of a name, with session storage, made from a container. */
export function containerInput(name: string, more: Partial<CreateAgentRuntimeCommandInput> = {}): CreateAgentRuntimeCommandInput {
  return {
    agentRuntimeName: name,
    agentRuntimeArtifact: { containerConfiguration: { containerUri: '000000000000.dkr.ecr.us-east-1.amazonaws.com/agent:1' } },
    roleArn: ROLE_ARN,
    networkConfiguration: { networkMode: 'PUBLIC' },
    filesystemConfigurations: [{ sessionStorage: { mountPath: '/mnt/workspace' } }],
    ...more,
  };
}

/** The input for a capacity provider of a name, with two volumes. */
export function capacityProviderInput(name: string, more: Partial<CreateCapacityProviderCommandInput> = {}): CreateCapacityProviderCommandInput {
  return {
    name,
    permissionsConfiguration: { capacityProviderOperatorRoleArn: ROLE_ARN },
    computeConfiguration: {
      ec2Configuration: {
        launchTemplateSource: { launchParameters: { operatingSystem: 'LINUX_ARM64', instanceRequirements: { allowedInstanceTypes: ['m7g.large'] } } },
        vpcConfiguration: { subnets: ['subnet-12345678'], securityGroups: ['sg-12345678'] },
        volumes: ['data', 'cache'].map((volume) => ({ ebsConfiguration: { name: volume, sizeGiB: 20 } })),
      },
    },
    ...more,
  };
}

/** A resource policy for a runtime or an endpoint. */
export function policyFor(resourceArn: string): string {
  const statement = { Effect: 'Allow', Principal: { AWS: 'arn:aws:iam::111122223333:root' }, Action: 'bedrock-agentcore:InvokeAgentRuntime', Resource: resourceArn };
  return JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
}

/** The artifact for an agent whose code is an object. */
export function codeArtifact(bucket: string, prefix: string, entryPoint = ['main.mjs']) {
  return { codeConfiguration: { code: { s3: { bucket, prefix } }, runtime: 'NODE_22' as const, entryPoint } };
}

/** The error that a call ends with. */
export async function errorOf(call: Promise<unknown>): Promise<any> {
  return call.then(() => { throw new Error('expected an error, got none'); }, (error) => error);
}
