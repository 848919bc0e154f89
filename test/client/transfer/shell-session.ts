import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { StringDecoder } from 'node:string_decoder';
import { CommandOutcomeUnknownError } from '../../../src/client/errors';
import { TransferRunOptions, TransferRunResult, TransferSession } from '../../../src/client/transfer';
import { tokenize } from '../../../src/local/sessions/tokenizer';
import { validateCommandText } from '../../../src/service/command';
import { composeCommandLine } from '../../../src/service/command-line';

/** What goes wrong with a command: it does not run, or its answer is lost after it ran, or after so many characters of it. */
export type Mishap = 'before' | 'after' | number | undefined;

/** Runs commands on this machine as the service would: within its limits, by the strictest reading of their text. */
export class ShellSession implements TransferSession {
  public readonly commands: string[] = [];
  public underWay = 0;
  public mostUnderWay = 0;
  /** Called before each command. */
  public meet: (command: string, index: number) => Mishap | Promise<Mishap>;
  /** Called after each command. */
  public met: (command: string) => void;

  constructor(private readonly env: Readonly<Record<string, string>> = {}) {
    this.meet = () => undefined;
    this.met = () => undefined;
  }

  public async run(command: string, { signal, onStdout }: TransferRunOptions = {}): Promise<TransferRunResult> {
    signal?.throwIfAborted();
    const text = composeCommandLine({ command });
    const wrong = validateCommandText(text);
    if (wrong.length > 0) throw new Error(wrong.join('; '));
    const mishap = await this.meet(command, this.commands.push(command) - 1);
    const lost = (why: string, cause?: unknown) => new CommandOutcomeUnknownError('session', { stdout: '', stderr: '' }, why, cause);
    if (mishap === 'before') throw lost('lost before');
    this.mostUnderWay = Math.max(this.mostUnderWay, ++this.underWay);
    const [program, ...args] = tokenize(text, 'strict');
    const child = spawn(program, args, { env: { PATH: process.env.PATH, ...this.env }, stdio: ['ignore', 'pipe', 'pipe'] });
    const closed = once(child, 'close');
    try {
      let stderr = '';
      let stdout = '';
      child.stderr.on('data', (bytes: Buffer) => { stderr += bytes.toString(); });
      const decoder = new StringDecoder('utf8');
      for await (const bytes of child.stdout) {
        const piece = decoder.write(bytes as Buffer);
        if (typeof mishap === 'number' && stdout.length + piece.length > mishap) {
          await onStdout?.(piece.slice(0, mishap - stdout.length));
          throw lost('cut');
        }
        stdout += piece;
        try {
          await onStdout?.(piece);
        } catch (error) {
          throw lost('the listener failed', error);
        }
      }
      const [exitCode] = await closed as [number];
      this.met(command);
      if (mishap === 'after') throw lost('lost after');
      return { exitCode, stdout: stdout.slice(-65_536), stderr };
    } finally {
      this.underWay--;
      if (child.exitCode === null) child.kill('SIGKILL');
    }
  }
}
