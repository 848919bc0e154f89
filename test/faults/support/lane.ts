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
import { MAX_WATCHED_COMMAND_SECONDS } from '../../../src/provider/contract';

/** What goes wrong around one event. */
export interface EventFaults {
  readonly service: readonly object[];
  /** Copies with the same RequestId: at once, or after the first has ended. */
  readonly copies: 'none' | 'at once' | 'late';
  /** How many PUTs to its ResponseURL fail; from 5 on the function fails, and Lambda delivers again. */
  readonly failingPuts: number;
  /** How many times the function cannot call itself. */
  readonly failingCalls: number;
  /** Commands that may outlast a call of the function do so. */
  readonly shortCalls: boolean;
  /** CloudFormation gives up when the function has begun, or after so many milliseconds. */
  readonly givenUpAfterMillis?: number;
}

const LOG_GROUP = '/aws/lambda/provider';
const DELIVERIES = 3;
/** Why CloudFormation takes an event for failed that has not been answered. */
export const CANCELLED = 'cancelled';
export const SILENCE = 'no answer';
/** How long a call of the function may take, in its own time. */
const CALL_MILLIS = 1_220_000;
/** The same for commands that outlast a call. */
const SHORT_CALL_MILLIS = 60_000;

/** An event that CloudFormation waits for the answer of. */
interface Pending {
  put(body: Buffer, response: ServerResponse): void;
  /** What Lambda does when the function calls itself; false where it does not take the call. */
  callAgain(event: Sent): boolean;
}

type Sent = UnsentEvent & { readonly ResponseURL: string };

/** One local AgentCore with the provider's bundle in this process, for schedules one after the other. */
export class Lane {
  public static async open(): Promise<Lane> {
    const stateDir = mkdtempSync(join(tmpdir(), 'fault-lane-'));
    const sessions = new InstantSessions();
    const local = await startLocalAgentCore({ port: 0, stateDir, sessions, log: () => {} });
    let lane: Lane;
    const responses = createServer((request, response) => {
      lane.receive(request, response).catch(() => request.socket.destroy());
    });
    await new Promise<void>((resolve) => responses.listen(0, '127.0.0.1', resolve));
    lane = new Lane(stateDir, sessions, local, responses);
    return lane;
  }

  public longestAnswer = 0;
  public unanswered: string[] = [];
  public readonly log: string[] = [];
  private readonly handler: Handler;
  private readonly late = new Set<Promise<unknown>>();
  private readonly waiting = new Map<string, Pending>();

  private constructor(
    private readonly stateDir: string,
    public readonly sessions: InstantSessions,
    private readonly local: LocalAgentCore,
    private readonly responses: Server,
  ) {
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
      AWS_ENDPOINT_URL_LAMBDA: this.origin,
    }, (line) => this.log.push(line));
  }

  public async prepare(): Promise<void> {
    await this.rpc('CreateLogGroup', { logGroupName: LOG_GROUP });
  }

  /** Sends an event as CloudFormation and Lambda do; what CloudFormation makes of it. */
  public async send(event: UnsentEvent, faults: EventFaults): Promise<CheckedResponse> {
    if (faults.service.length > 0) await this.setFaults(faults.service);
    const path = `/${randomUUID()}`;
    let [puts, calls, refusals] = [0, 0, faults.failingCalls];
    let isAnswered = false;
    let answered!: (response: CheckedResponse) => void;
    const answer = new Promise<CheckedResponse>((resolve) => { answered = resolve; });
    const runs = new Set<Promise<void>>();
    const begin = (sent: Sent, copies: EventFaults['copies']) => {
      const run = this.deliver(sent, copies, faults.shortCalls).finally(() => runs.delete(run));
      runs.add(run);
    };
    this.waiting.set(path, {
      put: (body, response) => {
        this.longestAnswer = Math.max(this.longestAnswer, body.length);
        if (puts++ < faults.failingPuts) {
          if (puts % 2) response.writeHead(503).end();
          else response.destroy();
          return;
        }
        isAnswered = true;
        answered(checkResponse(body, event));
        response.end();
      },
      callAgain: (again) => {
        if (refusals-- > 0) return false;
        begin(again, calls++ === 0 ? faults.copies : 'none');
        return true;
      },
    });
    begin({ ...event, ResponseURL: `${this.origin}${path}` }, faults.copies);
    const work = (async () => {
      while (runs.size > 0) await Promise.all([...runs]);
    })().finally(() => this.late.delete(work));
    this.late.add(work);
    const givenUp = faults.givenUpAfterMillis === undefined ? undefined
      : new Promise<CheckedResponse>((resolve) => setTimeout(() => resolve({ status: 'FAILED', reason: CANCELLED }), faults.givenUpAfterMillis));
    const silence = work.then((): CheckedResponse => {
      if (!isAnswered) this.unanswered.push(`${event.RequestType} ${event.LogicalResourceId}`);
      return { status: 'FAILED', reason: SILENCE };
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

  private get origin(): string {
    return `http://127.0.0.1:${(this.responses.address() as AddressInfo).port}`;
  }

  /** An answer for CloudFormation, or a call of the function for Lambda. */
  private async receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    if (request.method === 'PUT') {
      this.waiting.get(request.url!)!.put(body, response);
    } else {
      const event = JSON.parse(body.toString()) as Sent;
      const isTaken = this.waiting.get(new URL(event.ResponseURL).pathname)!.callAgain(event);
      response.writeHead(isTaken ? 202 : 500).end();
    }
  }

  private async deliver(event: Sent, copies: EventFaults['copies'], shortCalls: boolean): Promise<void> {
    const isLong = shortCalls && Number(event.ResourceProperties?.Timeout) > MAX_WATCHED_COMMAND_SECONDS;
    const getRemainingTimeInMillis = () => (isLong ? SHORT_CALL_MILLIS : CALL_MILLIS);
    const deliveries = async () => {
      for (let delivery = 0; delivery < DELIVERIES; delivery++) {
        const failed = await this.handler(event, { logGroupName: LOG_GROUP, logStreamName: 'stream', getRemainingTimeInMillis })
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
