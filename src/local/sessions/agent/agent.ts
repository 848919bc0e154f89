import { createWriteStream, mkdirSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { dirname } from 'node:path';
import { PROTOCOL_CONTRACT, SESSION_ID_HEADER } from '../../../service/protocol';
import { ServiceError } from '../../service-error';
import { AgentRequest, AgentResponse, VersionSpec } from '../contract';
import { Compute, ComputeProcess } from '../driver';
import { AgentHealth } from '../lifetime';
import { agentProgram, CODE_PATH } from './entry-point';
import { listenEnvironment } from './preload';
import { readHealth, takePort, waitUntilHealthy } from './readiness';
import { searchPath } from '../drivers/search-path';

/** How much of an agent's last words goes into an error, in characters. */
const TAIL_LENGTH = 2_000;

/** A line that is longer goes to the log in pieces, in characters: an agent may never end one. */
const LINE_LENGTH = 8_000;

/** How long an agent may take to say how busy it is. */
const HEALTH_MILLISECONDS = 5_000;

/** Headers that are about the caller's connection, not about the agent's. */
const CONNECTION_HEADERS = ['connection', 'content-length', 'expect', 'host', 'keep-alive', 'te', 'trailer', 'transfer-encoding', 'upgrade'];

export interface AgentOptions {
  readonly sessionId: string;
  /** A file of the host that takes the agent's output. */
  readonly logFile: string;
  /** How long the agent may take until it is healthy. */
  readonly startMilliseconds: number;
  /** Ends the waiting for that; the start then rejects with its reason. */
  readonly abandoned?: AbortSignal;
  readonly log: (line: string) => void;
}

/** What is seen of an agent's program. */
export type AgentProcess = Pick<ComputeProcess, 'stdout' | 'stderr' | 'exit'>;

/** An agent at work in a session. */
export class Agent {
  /** Starts the agent and waits until it is healthy; throws RuntimeClientError with its last words where it does not get there. */
  public static async start(compute: Compute, version: VersionSpec, code: NonNullable<VersionSpec['code']>, options: AgentOptions): Promise<Agent> {
    const contractPort = PROTOCOL_CONTRACT[version.protocol].port;
    const { argv, notice } = agentProgram(code, searchPath());
    if (notice !== undefined) options.log(`${version.runtimeId}: ${notice}`);
    const { port, release } = await takePort();
    let process: AgentProcess;
    try {
      process = compute.exec(argv, {
        workingDirectory: CODE_PATH,
        environment: listenEnvironment(port, contractPort, version.environment),
      });
    } catch (error) {
      release();
      throw error;
    }
    void process.exit.then(release);
    return Agent.attach(process, version, port, options);
  }

  /** Waits until an agent that was started is healthy; throws as `start` does. */
  public static async attach(program: AgentProcess, version: VersionSpec, port: number, options: AgentOptions): Promise<Agent> {
    const agent = new Agent(program, version, port, options.sessionId, record(program, version.runtimeId, options));
    await agent.waitUntilHealthy(options);
    return agent;
  }

  /** Resolves with the exit code when the agent has ended. */
  public readonly ended: Promise<number>;

  private constructor(
    process: AgentProcess,
    private readonly version: VersionSpec,
    private readonly port: number,
    private readonly sessionId: string,
    private readonly tail: () => string,
  ) {
    this.ended = process.exit;
  }

  /** Posts a request to the agent; resolves with the response's head, its body still to come. */
  public invoke({ headers, body }: AgentRequest): Promise<AgentResponse> {
    const passed = Object.entries(headers).filter(([name]) => !CONNECTION_HEADERS.includes(name));
    return new Promise((resolve, reject) => {
      const request = httpRequest({
        host: '127.0.0.1',
        port: this.port,
        method: 'POST',
        path: PROTOCOL_CONTRACT[this.version.protocol].invocationPath,
        agent: false,
        headers: { ...Object.fromEntries(passed), [SESSION_ID_HEADER]: this.sessionId, 'content-length': body.length },
      }, (response) => resolve({ status: response.statusCode!, headers: response.headers, body: response }));
      request.on('error', (error) => reject(this.failure(`agent does not answer: ${error.message}`)));
      request.end(body);
    });
  }

  /** What it says of its health; undefined where it says nothing, or its protocol has no health check. */
  public async health(): Promise<AgentHealth | undefined> {
    const { healthPath } = PROTOCOL_CONTRACT[this.version.protocol];
    return healthPath === undefined ? undefined : readHealth(healthPath, this.port, AbortSignal.timeout(HEALTH_MILLISECONDS));
  }

  private async waitUntilHealthy({ startMilliseconds: milliseconds, abandoned }: AgentOptions): Promise<void> {
    const attempt = new AbortController();
    const contract = PROTOCOL_CONTRACT[this.version.protocol];
    const awaited = contract.healthPath === undefined ? 'accept a connection' : `answer GET ${contract.healthPath} with 200`;
    const timer = setTimeout(() => {
      attempt.abort(this.failure(`agent did not ${awaited} on port ${contract.port} within ${milliseconds / 1000} s; let it listen there or on $PORT`));
    }, milliseconds);
    const giveUp = () => attempt.abort(abandoned?.reason);
    if (abandoned?.aborted) giveUp();
    else abandoned?.addEventListener('abort', giveUp);
    void this.ended.then((exitCode) => attempt.abort(this.failure(`agent ended with ${exitCode} before it could work`)));
    try {
      await waitUntilHealthy(this.version.protocol, this.port, attempt.signal);
    } catch (error) {
      throw attempt.signal.aborted ? attempt.signal.reason : error;
    } finally {
      clearTimeout(timer);
      abandoned?.removeEventListener('abort', giveUp);
    }
  }

  private failure(message: string): ServiceError {
    const lastWords = this.tail().trim();
    return new ServiceError('RuntimeClientError', lastWords === '' ? message : `${message}; its last words:\n${lastWords}`);
  }
}

/** Writes an agent's output to its file and to the log, line by line; returns a look at the end of its error output. */
function record(process: AgentProcess, runtimeId: string, { logFile, log }: AgentOptions): () => string {
  mkdirSync(dirname(logFile), { recursive: true });
  const file = createWriteStream(logFile, { flags: 'a' });
  const goOn = () => {
    for (const stream of [process.stdout, process.stderr]) stream.resume();
  };
  file.on('drain', goOn).on('error', (error) => {
    log(`cannot write ${logFile}: ${error.message}`);
    goOn();
  });
  let tail = '';
  for (const [stream, isError] of [[process.stdout, false], [process.stderr, true]] as const) {
    let line = '';
    stream.setEncoding('utf8').on('data', (text: string) => {
      if (isError) tail = (tail + text).slice(-TAIL_LENGTH);
      const lines = (line + text).split('\n');
      line = lines.pop()!;
      if (line.length > LINE_LENGTH) {
        lines.push(line);
        line = '';
      }
      for (const whole of lines) log(`${runtimeId} agent: ${whole}`);
      // an agent that says more than the disk takes is held back
      if (file.writable && !file.write(text)) stream.pause();
    }).on('close', () => {
      if (line !== '') log(`${runtimeId} agent: ${line}`);
    });
  }
  void process.exit.then(() => file.end());
  return () => tail;
}
