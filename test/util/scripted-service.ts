import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, Server, ServerResponse } from 'node:http';
import { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BedrockAgentCoreClient } from '@aws-sdk/client-bedrock-agentcore';
import { EventStreamCodec } from '@smithy/core/event-streams';
import { fromUtf8, toUtf8 } from '@smithy/core/serde';

const codec = new EventStreamCodec(toUtf8, fromUtf8);

/** What the service does with one request. */
export type Step =
  | { readonly chunk: object }
  | { readonly exception: string; readonly message: string }
  | { readonly bytes: Uint8Array }
  | 'cut'
  /** Says nothing more, and leaves the connection open. */
  | 'wait';

/** Really runs the command, by the shell; may lose the connection after the first piece of output, or say nothing at all. */
export interface Execute {
  readonly execute: 'whole' | 'cut after first output' | 'answer lost';
}

export type Script = Execute | { readonly error: string; readonly status: number; readonly message?: string } | readonly Step[] | 'hang up';

export interface SeenRequest {
  readonly path: string;
  readonly sessionId?: string;
  readonly body: any;
}

export const start = { chunk: { contentStart: {} } };
export const stdout = (text: string) => ({ chunk: { contentDelta: { stdout: text } } });
export const stderr = (text: string) => ({ chunk: { contentDelta: { stderr: text } } });
export const stop = (exitCode: number, status = 'COMPLETED') => ({ chunk: { contentStop: { exitCode, status } } });

/** A data plane that answers commands, one after the other, by a script; all sessions are one machine, and to stop one always succeeds. */
export class ScriptedService {
  public readonly seen: SeenRequest[] = [];
  public client!: BedrockAgentCoreClient;
  /** The place for temporary files of the machine that commands run on. */
  public readonly machine = mkdtempSync(join(tmpdir(), 'machine-'));
  /** What answers when the scripts have run out. */
  public fallback?: Script;
  private scripts: Script[] = [];
  private server!: Server;

  /** What happens when the connection of a command is closed before its answer is. */
  public onClosed: () => void = () => {};

  /** What happens before the stop of a session is answered. */
  public beforeStopped: () => Promise<void> = async () => {};

  public async open(): Promise<this> {
    this.server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      const body = Buffer.concat(chunks).toString();
      this.seen.push({
        path: request.url!,
        sessionId: request.headers['x-amzn-bedrock-agentcore-runtime-session-id'] as string,
        body: body ? JSON.parse(body) : undefined,
      });
      if (request.url!.includes('/stopruntimesession')) {
        await this.beforeStopped();
        response.end('{}');
      } else {
        const script = this.scripts.shift() ?? this.fallback!;
        response.on('close', () => {
          if (!response.writableEnded) this.onClosed();
        });
        if (typeof script === 'object' && 'execute' in script) execute(script, this.seen.at(-1)!.body.command, response, this.machine);
        else play(script, response);
      }
    });
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    this.client = new BedrockAgentCoreClient({
      endpoint: `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`,
      region: 'us-east-1',
      credentials: { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'example' },
      maxAttempts: 1,
    });
    return this;
  }

  public answers(...scripts: Script[]): void {
    this.scripts = scripts;
  }

  public async close(): Promise<void> {
    this.client.destroy();
    await this.shutServer();
    rmSync(this.machine, { recursive: true, force: true });
  }

  /** What a machine keeps goes with it; the next one is empty. */
  public loseMachine(): void {
    rmSync(this.machine, { recursive: true });
    mkdirSync(this.machine);
  }

  /** From here on nobody answers. */
  public async shutServer(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

function execute({ execute: how }: Execute, command: string, response: ServerResponse, machine: string): void {
  if (how === 'answer lost') {
    spawn('/bin/sh', ['-c', command], { stdio: 'ignore', env: { ...process.env, TMPDIR: machine } }).on('close', () => response.socket!.destroy());
    return;
  }
  response.writeHead(200, { 'content-type': 'application/vnd.amazon.eventstream' });
  response.write(frame(start));
  const child = spawn('/bin/sh', ['-c', command], { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, TMPDIR: machine } });
  child.stdout.setEncoding('utf8').on('data', (text) => {
    response.write(frame(stdout(text)), () => {
      if (how === 'cut after first output') response.socket?.destroy();
    });
  });
  child.stderr.setEncoding('utf8').on('data', (text) => response.write(frame(stderr(text))));
  child.on('close', (code) => response.end(frame(stop(code ?? -1))));
  response.on('close', () => child.kill());
}

function play(script: Exclude<Script, Execute>, response: ServerResponse): void {
  if (script === 'hang up') {
    response.socket!.destroy();
  } else if ('error' in script) {
    response.writeHead(script.status, { 'content-type': 'application/json', 'x-amzn-errortype': script.error });
    response.end(JSON.stringify({ message: script.message ?? script.error }));
  } else {
    response.writeHead(200, { 'content-type': 'application/vnd.amazon.eventstream' });
    for (const step of script) {
      if (step === 'cut') {
        // what was written so far goes out first
        response.write('', () => response.socket!.destroy());
        return;
      }
      if (step === 'wait') return;
      response.write('bytes' in step ? step.bytes : frame(step));
    }
    response.end();
  }
}

export function frame(step: Exclude<Step, 'cut' | 'wait' | { bytes: Uint8Array }>): Uint8Array {
  const text = (value: string) => ({ type: 'string' as const, value });
  if ('chunk' in step) {
    return codec.encode({
      headers: { ':message-type': text('event'), ':event-type': text('chunk'), ':content-type': text('application/json') },
      body: Buffer.from(JSON.stringify(step.chunk)),
    });
  }
  return codec.encode({
    headers: { ':message-type': text('exception'), ':exception-type': text(step.exception), ':content-type': text('application/json') },
    body: Buffer.from(JSON.stringify({ message: step.message })),
  });
}
