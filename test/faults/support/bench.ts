import { randomUUID } from 'node:crypto';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BedrockAgentCoreControlClient, CreateAgentRuntimeCommand, DeleteAgentRuntimeCommand, GetAgentRuntimeCommand, ListAgentRuntimesCommand } from '@aws-sdk/client-bedrock-agentcore-control';
import { CloudWatchLogsClient, CreateLogGroupCommand } from '@aws-sdk/client-cloudwatch-logs';
import { countingSessions, Start } from './counting-sessions';
import { Properties, Resource, SERVICE_TOKEN } from './properties';
import { SYSTEM_CLOCK } from '../../../src/client/clock';
import { deploy, destroy, StackEvent, StackResult } from '../../../src/local/deployer';
import { InvocationOutcome } from '../../../src/local/deployer/lambda/function-process';
import { LambdaRunner } from '../../../src/local/deployer/lambda/runner';
import { UnsentEvent } from '../../../src/local/deployer/protocol/event';
import { checkResponse } from '../../../src/local/deployer/protocol/response';
import { ResponseBehaviour, ResponseServer } from '../../../src/local/deployer/protocol/response-server';
import { parseDeploymentFaults } from '../../../src/local/faults/deployment-faults';
import { DeploymentInjector } from '../../../src/local/faults/deployment-injector';
import { LocalAgentCore, startLocalAgentCore } from '../../../src/local/server';
import { createSessions } from '../../../src/local/sessions';
import { COMMAND_RESOURCE_TYPE, RUNTIME_RESOURCE_TYPE } from '../../../src/provider/contract';
import { decodeScript } from '../../../src/service/command-line';
import { BUNDLE } from '../../util/bundle';

/** The body of an answer. */
export interface Answer {
  readonly Status: string;
  readonly PhysicalResourceId: string;
  readonly Reason?: string;
  readonly Data?: Readonly<Record<string, string>>;
}

/** What one run of the provider came to. */
export interface Called {
  /** The first answer that arrived. */
  readonly answer?: Answer;
  /** All bodies that were sent, also those that were not taken. */
  readonly bodies: readonly Buffer[];
  readonly outcome: InvocationOutcome;
  readonly lines: readonly string[];
}

export interface CallOptions {
  /** Lambda's limit. @default 60 */
  readonly seconds?: number;
  readonly region?: string;
  /** Where the service answers; the local AgentCore's unless told. */
  readonly endpoint?: string;
  readonly behaviour?: (request: number) => ResponseBehaviour;
}

export interface Deployed extends StackResult {
  readonly injector: DeploymentInjector;
  readonly events: readonly StackEvent[];
  readonly lines: readonly string[];
}

const STACK = 'Demo';
const LOG_GROUP = '/aws/lambda/provider';
const CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' };

/** The shipped bundle of the provider, in processes of its own, and a local AgentCore with real sessions. */
export class Bench {
  public static async start(): Promise<Bench> {
    const home = mkdtempSync(join(tmpdir(), 'faults-'));
    const starts: Start[] = [];
    const local = await startLocalAgentCore({
      port: 0,
      stateDir: join(home, 'agentcore'),
      log: () => {},
      sessions: async () => countingSessions(await createSessions({ stateDir: join(home, 'agentcore'), driver: 'process', log: () => {} }), starts),
    });
    const logs = new CloudWatchLogsClient({ endpoint: local.endpoint, region: 'us-east-1', credentials: CREDENTIALS });
    await logs.send(new CreateLogGroupCommand({ logGroupName: LOG_GROUP }));
    logs.destroy();
    return new Bench(home, local, starts);
  }

  public readonly control: BedrockAgentCoreControlClient;
  /** All that providers have written so far in this file. */
  public readonly lines: string[] = [];
  /** Of all answers so far, in bytes. */
  public longestAnswer = 0;
  private readonly responseUrls: string[] = [];
  private assemblies = 0;

  private constructor(private readonly home: string, private readonly local: LocalAgentCore, public readonly starts: Start[]) {
    this.control = new BedrockAgentCoreControlClient({
      endpoint: local.endpoint, region: 'us-east-1', credentials: CREDENTIALS,
    });
  }

  public get endpoint(): string {
    return this.local.endpoint;
  }

  public async end(): Promise<void> {
    this.control.destroy();
    await this.local.close();
    rmSync(this.home, { recursive: true, force: true });
  }

  /** Ends all faults, deletes all stacks and runtimes, and checks what holds for every test. */
  public async reset(): Promise<void> {
    await this.setFaults();
    await destroy({ ...this.options([], []) });
    for (const { id } of await this.runtimes()) await this.control.send(new DeleteAgentRuntimeCommand({ agentRuntimeId: id }));
    expect(this.longestAnswer).toBeLessThanOrEqual(4_096);
    // a signed URL is a credential
    const credentials = this.responseUrls.splice(0).map((url) => new URL(url).search);
    expect(this.lines.filter((line) => credentials.some((credential) => line.includes(credential)))).toEqual([]);
    this.lines.length = 0;
    this.starts.length = 0;
  }

  /** Lets go wrong what the part `service` of a fault plan says; ends all faults that were there. */
  public async setFaults(...service: object[]): Promise<void> {
    const response = await fetch(`${this.endpoint}/_local/faults`, { method: 'PUT', body: JSON.stringify({ version: 1, service }) });
    if (!response.ok) throw new Error(await response.text());
    await response.body?.cancel();
  }

  /** How often each fault matched a call and struck, in the order of the plan. */
  public async faults(): Promise<readonly { readonly calls: number; readonly applied: number }[]> {
    const { service } = await (await fetch(`${this.endpoint}/_local/faults`)).json() as { service: { calls: number; applied: number }[] };
    return service.map(({ calls, applied }) => ({ calls, applied }));
  }

  /** Waits until a fault of the plan has struck. */
  public async reached(index: number): Promise<void> {
    for (let look = 0; (await this.faults())[index].applied === 0; look++) {
      if (look === 1_000) throw new Error(`fault ${index} did not strike`);
      await SYSTEM_CLOCK.sleep(10);
    }
  }

  public event(
    type: UnsentEvent['RequestType'], resource: 'runtime' | 'command', properties: Properties, more: Partial<UnsentEvent> = {},
  ): UnsentEvent {
    return {
      RequestType: type,
      StackId: `arn:aws:cloudformation:us-east-1:000000000000:stack/${STACK}/1b2c3d4e-0000-0000-0000-000000000000`,
      RequestId: randomUUID(),
      ResourceType: resource === 'runtime' ? RUNTIME_RESOURCE_TYPE : COMMAND_RESOURCE_TYPE,
      LogicalResourceId: resource === 'runtime' ? 'Agent' : 'Check',
      ResourceProperties: { ServiceToken: SERVICE_TOKEN, ...properties },
      ...more,
    };
  }

  /** One run of the provider's function for one event. */
  public async call(event: UnsentEvent, options: CallOptions = {}): Promise<Called> {
    const { seconds = 60, region = 'us-east-1', endpoint = this.endpoint, behaviour } = options;
    const bodies: Buffer[] = [];
    const lines: string[] = [];
    let taken: Buffer | undefined;
    const server = await ResponseServer.open({
      label: `${event.StackId}|${event.LogicalResourceId}`,
      behaviour: (request) => behaviour?.(request) ?? 'accept',
      onBody: (body) => {
        bodies.push(body);
        taken ??= body;
      },
    });
    this.responseUrls.push(server.url);
    const runner = new LambdaRunner({ endpoint, lambdaEndpoint: async () => endpoint, clock: SYSTEM_CLOCK, onLog: ({ line }) => lines.push(line) });
    const outcome = await runner.invoke({
      name: 'provider',
      arn: SERVICE_TOKEN,
      handler: 'index.handler',
      runtime: 'nodejs24.x',
      timeoutSeconds: seconds,
      memoryMegabytes: 256,
      environment: {},
      logGroupName: LOG_GROUP,
      codeDirectory: BUNDLE,
      region,
      account: '000000000000',
      retryAttempts: 0,
    }, { ...event, ResponseURL: server.url }, randomUUID()).finally(async () => server.close());
    this.lines.push(...lines);
    for (const body of bodies) {
      this.longestAnswer = Math.max(this.longestAnswer, body.length);
      const { status, ...why } = checkResponse(body, event);
      // what CloudFormation would not understand is a failure that the provider did not mean
      if (status !== JSON.parse(body.toString()).Status) throw new Error(`CloudFormation refuses the answer: ${JSON.stringify(why)}`);
    }
    return { answer: taken && JSON.parse(taken.toString()), bodies, outcome, lines };
  }

  /** One event that is answered, whatever with. */
  public async answer(event: UnsentEvent, options: CallOptions = {}): Promise<Answer> {
    const { answer, outcome, lines } = await this.call(event, options);
    if (!answer) throw new Error(`no answer; ${JSON.stringify(outcome)}\n${lines.join('\n')}`);
    return answer;
  }

  /** A runtime of the resource `Agent`. */
  public async createRuntime(properties: Properties): Promise<{ readonly id: string; readonly arn: string }> {
    const { Status, PhysicalResourceId: id, Reason, Data } = await this.answer(this.event('Create', 'runtime', properties));
    if (Status !== 'SUCCESS') throw new Error(Reason);
    return { id, arn: Data!.AgentRuntimeArn };
  }

  /** A runtime that somebody else made. */
  public async createForeignRuntime(name: string): Promise<string> {
    const { agentRuntimeId } = await this.control.send(new CreateAgentRuntimeCommand({
      agentRuntimeName: name,
      roleArn: 'arn:aws:iam::000000000000:role/somebody-else',
      agentRuntimeArtifact: { containerConfiguration: { containerUri: '000000000000.dkr.ecr.us-east-1.amazonaws.com/theirs:1' } },
      networkConfiguration: { networkMode: 'PUBLIC' },
    }));
    return agentRuntimeId!;
  }

  public async runtimes(): Promise<{ readonly id: string; readonly name: string; readonly version: string }[]> {
    const { agentRuntimes = [] } = await this.control.send(new ListAgentRuntimesCommand({}));
    return agentRuntimes.map((runtime) => ({ id: runtime.agentRuntimeId!, name: runtime.agentRuntimeName!, version: runtime.agentRuntimeVersion! }));
  }

  public async live(id: string) {
    return this.control.send(new GetAgentRuntimeCommand({ agentRuntimeId: id }));
  }

  /** How often a command was started whose text contains a mark. */
  public startsOf(mark: string): Start[] {
    return this.starts.filter(({ command }) => (decodeScript(/^\S+ -c '(.*)'$/s.exec(command)?.[1] ?? '') ?? command).includes(mark));
  }

  /** Sessions that run now. */
  public async openSessions(): Promise<number> {
    const { sessions } = await (await fetch(`${this.endpoint}/_local/health`)).json() as { sessions: number };
    return sessions;
  }

  /** Deploys resources of the provider as one stack, with faults of the deployment. */
  public async deploy(resources: Readonly<Record<string, Resource>>, faults: readonly object[] = [], seconds = 60): Promise<Deployed> {
    const [events, lines, injector] = [[] as StackEvent[], [] as string[], injectorOf(faults)];
    const options = { ...this.options(events, lines), assemblyDirectory: this.assembly(resources, seconds) };
    const { stacks: [result] } = await deploy(options, injector.parts);
    return this.checked({ ...result, injector, events, lines });
  }

  public async destroy(faults: readonly object[] = []): Promise<Deployed> {
    const [events, lines, injector] = [[] as StackEvent[], [] as string[], injectorOf(faults)];
    const { stacks: [result] } = await destroy(this.options(events, lines), injector.parts);
    return this.checked({ ...result, injector, events, lines });
  }

  /** Deploys an app as `cdk synth` leaves it. */
  public async deployAssembly(assemblyDirectory: string): Promise<Deployed> {
    const [events, lines, injector] = [[] as StackEvent[], [] as string[], injectorOf([])];
    const { stacks: [result] } = await deploy({ ...this.options(events, lines), assemblyDirectory }, injector.parts);
    return this.checked({ ...result, injector, events, lines });
  }

  /** A directory that goes with the bench. */
  public directory(): string {
    const directory = join(this.home, `assembly-${this.assemblies++}`);
    mkdirSync(directory);
    return directory;
  }

  private checked(deployed: Deployed): Deployed {
    this.lines.push(...deployed.lines);
    expect(deployed.lines.filter((line) => /AWSAccessKeyId|Signature=/.test(line))).toEqual([]);
    const refused = deployed.injector.answers.filter(({ response }) => response.status === 'FAILED' && !response.reason.startsWith('Received response status'));
    expect(refused).toEqual([]);
    return deployed;
  }

  private options(events: StackEvent[], lines: string[]) {
    return {
      endpoint: this.endpoint,
      stateDir: join(this.home, 'stacks'),
      onEvent: (event: StackEvent) => { events.push(event); },
      onLog: ({ line }: { line: string }) => { lines.push(line); },
    };
  }

  private assembly(resources: Readonly<Record<string, Resource>>, seconds: number): string {
    const directory = this.directory();
    const write = (file: string, content: unknown) => writeFileSync(join(directory, file), JSON.stringify(content));
    mkdirSync(join(directory, 'code'));
    copyFileSync(join(BUNDLE, 'index.js'), join(directory, 'code', 'index.js'));
    write('manifest.json', {
      version: '53.0.0',
      artifacts: {
        [`${STACK}.assets`]: { type: 'cdk:asset-manifest', properties: { file: 'assets.json' } },
        [STACK]: { type: 'aws:cloudformation:stack', environment: 'aws://unknown-account/unknown-region', properties: { templateFile: 'template.json' }, dependencies: [`${STACK}.assets`] },
      },
    });
    write('assets.json', { files: { c: { source: { path: 'code', packaging: 'zip' }, destinations: { d: { bucketName: 'assets', objectKey: 'provider.zip' } } } } });
    const code = { S3Bucket: 'assets', S3Key: 'provider.zip' };
    write('template.json', {
      Resources: {
        Logs: { Type: 'AWS::Logs::LogGroup', Properties: {} },
        Provider: {
          Type: 'AWS::Lambda::Function',
          Properties: { Code: code, Handler: 'index.handler', Runtime: 'nodejs24.x', Timeout: seconds, MemorySize: 256, LoggingConfig: { LogGroup: { Ref: 'Logs' } } },
        },
        ...Object.fromEntries(Object.entries(resources).map(([id, { Properties: properties, ...resource }]) => [id, {
          ...resource, Properties: { ServiceToken: { 'Fn::GetAtt': ['Provider', 'Arn'] }, ...properties },
        }])),
      },
    });
    return directory;
  }
}

function injectorOf(plan: readonly object[]): DeploymentInjector {
  const { faults, errors } = parseDeploymentFaults(plan);
  expect(errors).toEqual([]);
  return new DeploymentInjector(faults);
}

/** The bench of a test file: one for all its tests. */
export function useBench(): { readonly bench: Bench } {
  const holder = {} as { bench: Bench };
  beforeAll(async () => {
    holder.bench = await Bench.start();
  });
  afterEach(() => holder.bench.reset());
  afterAll(() => holder.bench.end());
  return holder;
}
