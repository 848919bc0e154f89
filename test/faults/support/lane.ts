import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, IncomingMessage, Server, ServerResponse } from 'node:http';
import { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Handler, loadFastProvider } from './fast-provider';
import { InstantSessions } from './instant-sessions';
import { UnsentEvent } from '../../../src/local/deployer/protocol/event';
import { CheckedResponse, checkResponse } from '../../../src/local/deployer/protocol/response';
import { LocalAgentCore, startLocalAgentCore } from '../../../src/local/server';

/** What goes wrong around one event. */
export interface EventFaults {
  readonly service: readonly object[];
  /** Copies with the same RequestId: at once, or after the first has ended. */
  readonly copies: 'none' | 'at once' | 'late';
  /** How many PUTs to its ResponseURL fail; from 5 on the function fails, and Lambda delivers again. */
  readonly failingPuts: number;
  /** CloudFormation gives up when the function has begun, or after so many milliseconds. */
  readonly givenUpAfterMillis?: number;
}

const LOG_GROUP = '/aws/lambda/provider';
const DELIVERIES = 3;
/** Half of it is the provider's patience: forty minutes of its quick pauses. It must stay above what `fast-provider.ts` takes for a pause. */
const REMAINING_MILLIS = 24_000;

/** One local AgentCore with the provider's bundle in this process, for schedules one after the other. */
export class Lane {
  public static async open(): Promise<Lane> {
    const stateDir = mkdtempSync(join(tmpdir(), 'fault-lane-'));
    const sessions = new InstantSessions();
    const local = await startLocalAgentCore({ port: 0, stateDir, sessions, log: () => {} });
    const lane = new Lane(stateDir, sessions, local);
    await new Promise<void>((resolve) => lane.responses.listen(0, '127.0.0.1', resolve));
    return lane;
  }

  public longestAnswer = 0;
  public unanswered: string[] = [];
  public readonly log: string[] = [];
  private readonly handler: Handler;
  private readonly late = new Set<Promise<unknown>>();
  private readonly waiting = new Map<string, (request: IncomingMessage, response: ServerResponse) => Promise<void>>();
  private readonly responses: Server = createServer((request, response) => {
    this.waiting.get(request.url!)!(request, response).catch(() => request.socket.destroy());
  });

  private constructor(private readonly stateDir: string, public readonly sessions: InstantSessions, private readonly local: LocalAgentCore) {
    this.handler = loadFastProvider({
      AWS_REGION: 'us-east-1',
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
      AWS_LAMBDA_LOG_GROUP_NAME: LOG_GROUP,
      AWS_LAMBDA_FUNCTION_NAME: 'provider',
      AWS_ENDPOINT_URL_BEDROCK_AGENTCORE_CONTROL: local.endpoint,
      AWS_ENDPOINT_URL_BEDROCK_AGENTCORE: local.endpoint,
      AWS_ENDPOINT_URL_CLOUDWATCH_LOGS: local.endpoint,
    }, (line) => this.log.push(line));
  }

  public async prepare(): Promise<void> {
    await this.rpc('CreateLogGroup', { logGroupName: LOG_GROUP });
  }

  /** Sends an event as CloudFormation and Lambda do; what CloudFormation makes of it. */
  public async send(event: UnsentEvent, faults: EventFaults): Promise<CheckedResponse> {
    if (faults.service.length > 0) await this.setFaults(faults.service);
    const path = `/${randomUUID()}`;
    let puts = 0;
    let isAnswered = false;
    let answered!: (response: CheckedResponse) => void;
    const answer = new Promise<CheckedResponse>((resolve) => { answered = resolve; });
    this.waiting.set(path, async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const body = Buffer.concat(chunks);
      this.longestAnswer = Math.max(this.longestAnswer, body.length);
      if (puts++ < faults.failingPuts) {
        if (puts % 2) response.writeHead(503).end();
        else request.socket.destroy();
        return;
      }
      isAnswered = true;
      answered(checkResponse(body, event));
      response.end();
    });
    const sent = { ...event, ResponseURL: `http://127.0.0.1:${(this.responses.address() as AddressInfo).port}${path}` };
    const work = this.deliver(sent, faults).finally(() => this.late.delete(work));
    this.late.add(work);
    const givenUp = faults.givenUpAfterMillis === undefined ? undefined
      : new Promise<CheckedResponse>((resolve) => setTimeout(() => resolve({ status: 'FAILED', reason: 'cancelled' }), faults.givenUpAfterMillis));
    const silence = work.then((): CheckedResponse => {
      if (!isAnswered) this.unanswered.push(`${event.RequestType} ${event.LogicalResourceId}`);
      return { status: 'FAILED', reason: 'no answer' };
    });
    const response = await Promise.race([answer, ...(givenUp ? [givenUp] : []), silence]);
    // what is late meets no further faults: those of the next event are its own
    if (!givenUp) await work;
    if (faults.service.length > 0) await this.setFaults([]);
    return response;
  }

  /** Waits for all functions that still run. */
  public async settle(): Promise<void> {
    while (this.late.size > 0) await Promise.allSettled([...this.late]);
    this.waiting.clear();
  }

  /** The runtimes that are there: name, environment, and the stack and resource that own them. */
  public async runtimes(): Promise<{ id: string; name: string; mood?: string; status: string }[]> {
    const { agentRuntimes } = await this.call('POST', '/runtimes/?maxResults=100');
    return Promise.all(agentRuntimes.map(async ({ agentRuntimeId: id, agentRuntimeName: name }: Record<string, string>) => {
      const { environmentVariables, status } = await this.call('GET', `/runtimes/${id}/`);
      return { id, name, mood: environmentVariables?.MOOD, status };
    }));
  }

  public async createForeign(name: string): Promise<void> {
    await this.call('PUT', '/runtimes/', {
      agentRuntimeName: name,
      roleArn: 'arn:aws:iam::000000000000:role/theirs',
      agentRuntimeArtifact: { containerConfiguration: { containerUri: '000000000000.dkr.ecr.us-east-1.amazonaws.com/theirs:1' } },
      networkConfiguration: { networkMode: 'PUBLIC' },
    });
  }

  public async clear(): Promise<void> {
    await this.setFaults([]);
    for (const { id } of await this.runtimes()) await this.call('DELETE', `/runtimes/${id}/`);
    this.sessions.starts.clear();
    this.log.length = 0;
    this.unanswered = [];
  }

  public async close(): Promise<void> {
    this.responses.closeAllConnections();
    await new Promise((resolve) => this.responses.close(resolve));
    await this.local.close();
    rmSync(this.stateDir, { recursive: true, force: true });
  }

  private async deliver(event: UnsentEvent & { ResponseURL: string }, { copies }: EventFaults): Promise<void> {
    const deliveries = async () => {
      for (let delivery = 0; delivery < DELIVERIES; delivery++) {
        const failed = await this.handler(event, { logGroupName: LOG_GROUP, logStreamName: 'stream', getRemainingTimeInMillis: () => REMAINING_MILLIS })
          .then(() => false, () => true);
        if (!failed) return;
      }
    };
    await Promise.all(copies === 'at once' ? [deliveries(), deliveries()] : [deliveries()]);
    if (copies === 'late') await deliveries();
  }

  private async setFaults(service: readonly object[]): Promise<void> {
    await this.call('PUT', '/_local/faults', { version: 1, service });
  }

  private async rpc(operation: string, body: object): Promise<void> {
    await this.call('POST', '/', body, { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': `Logs_20140328.${operation}` });
  }

  private async call(method: string, path: string, body?: object, headers: Record<string, string> = {}): Promise<any> {
    const response = await fetch(`${this.local.endpoint}${path}`, { method, headers, body: body && JSON.stringify(body) });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${text}`);
    return text ? JSON.parse(text) : undefined;
  }
}
