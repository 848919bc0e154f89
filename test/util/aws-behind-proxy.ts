import { ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, request as httpRequest, Server } from 'node:http';
import { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BedrockAgentCoreControlClient, CreateAgentRuntimeCommand } from '@aws-sdk/client-bedrock-agentcore-control';
import { CloudWatchLogsClient, CreateLogGroupCommand } from '@aws-sdk/client-cloudwatch-logs';
import { CERTIFICATE_FILE, Listening, startProxy, TestProxy, tlsInFrontOf } from './proxy';
import { LocalAgentCore, startLocalAgentCore } from '../../src/local/server';
import { createSessions } from '../../src/local/sessions';

export const PASSWORD = 'hunter2';
export const LOG_GROUP = '/aws/lambda/behind-a-proxy';

/** A request to a service that the local AgentCore is not: S3, by its host. */
export interface Stored {
  readonly host: string;
  readonly path: string;
  readonly body: string;
}

/** How a process ended, and all that it wrote. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * A local AgentCore at the names that AWS's services have in us-east-1, which only a proxy with a password leads to; S3 takes what is put
 * there.
 */
export class AwsBehindProxy {
  public static async start(): Promise<AwsBehindProxy> {
    const home = mkdtempSync(join(tmpdir(), 'proxy-'));
    const stateDir = join(home, 'state');
    const local = await startLocalAgentCore({ port: 0, stateDir, log: () => {}, sessions: async () => createSessions({ stateDir, driver: 'process', log: () => {} }) });
    const logs = new CloudWatchLogsClient({ endpoint: local.endpoint, region: 'us-east-1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' } });
    await logs.send(new CreateLogGroupCommand({ logGroupName: LOG_GROUP }));
    logs.destroy();
    const stored: Stored[] = [];
    const front = frontOf(local.endpoint, stored);
    await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve));
    const tls = await tlsInFrontOf((front.address() as AddressInfo).port);
    return new AwsBehindProxy(home, local, front, tls, await startProxy({ to: tls.port }), stored);
  }

  private constructor(
    public readonly home: string, private readonly local: LocalAgentCore, private readonly front: Server, private readonly tls: Listening,
    private readonly proxy: TestProxy, public readonly stored: Stored[],
  ) {}

  public get endpoint(): string {
    return this.local.endpoint;
  }

  /** Makes a runtime and gives its ARN. */
  public async createRuntime(name: string): Promise<string> {
    const control = new BedrockAgentCoreControlClient({ endpoint: this.endpoint, region: 'us-east-1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' } });
    const { agentRuntimeArn } = await control.send(new CreateAgentRuntimeCommand({
      agentRuntimeName: name,
      roleArn: 'arn:aws:iam::000000000000:role/agent',
      agentRuntimeArtifact: { containerConfiguration: { containerUri: '000000000000.dkr.ecr.us-east-1.amazonaws.com/coder:1' } },
      networkConfiguration: { networkMode: 'PUBLIC' },
    }));
    control.destroy();
    return agentRuntimeArn!;
  }

  /** Where a process finds the services; all modules that print under DEBUG do so. */
  public get environment(): NodeJS.ProcessEnv {
    return {
      PATH: process.env.PATH,
      HOME: this.home,
      XDG_STATE_HOME: join(this.home, 'xdg'),
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'example',
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
      HTTPS_PROXY: `http://user:${PASSWORD}@127.0.0.1:${this.proxy.port}`,
      NODE_EXTRA_CA_CERTS: CERTIFICATE_FILE,
      DEBUG: '*',
    };
  }

  /** The hosts that the proxy was asked for since the last time, each once; it was given the password each time. */
  public takeHosts(): string[] {
    const asked = this.proxy.asked.splice(0);
    const expected = `Basic ${Buffer.from(`user:${PASSWORD}`).toString('base64')}`;
    expect(asked.filter(({ authorization }) => authorization !== expected)).toEqual([]);
    return [...new Set(asked.map(({ line }) => line.replace(/^CONNECT (.*):443$/, '$1')))].sort();
  }

  /** Runs Node.js beside this process, which serves it. */
  public async run(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> {
    const child = spawn(process.execPath, args, { cwd: this.home, env: { ...this.environment, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    const [stdout, stderr] = [textOf(child, 'stdout'), textOf(child, 'stderr')];
    const [code] = await once(child, 'close');
    return { code, stdout: stdout(), stderr: stderr() };
  }

  public async end(): Promise<void> {
    await this.proxy.close();
    await this.tls.close();
    this.front.closeAllConnections();
    await new Promise((resolve) => this.front.close(resolve));
    await this.local.close();
    rmSync(this.home, { recursive: true, force: true });
  }
}

function frontOf(endpoint: string, stored: Stored[]): Server {
  return createServer((request, response) => {
    const host = request.headers.host!;
    if (/\bs3\b/.test(host)) {
      const chunks: Buffer[] = [];
      request.on('data', (chunk) => chunks.push(chunk)).on('end', () => {
        stored.push({ host, path: request.url!, body: Buffer.concat(chunks).toString() });
        response.end();
      });
      return;
    }
    // by the names of AWS it would refuse to be called
    const headers = { ...request.headers, host: new URL(endpoint).host };
    const onward = httpRequest(new URL(request.url!, endpoint), { method: request.method, headers }, (answer) => {
      answer.pipe(response.writeHead(answer.statusCode!, answer.headers));
    });
    onward.on('error', () => response.destroy());
    request.pipe(onward);
  });
}

function textOf(child: ChildProcess, stream: 'stdout' | 'stderr'): () => string {
  const chunks: Buffer[] = [];
  child[stream]!.on('data', (chunk) => chunks.push(chunk));
  return () => Buffer.concat(chunks).toString();
}
