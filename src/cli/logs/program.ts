import { Command, InvalidArgumentError } from 'commander';
import { LogSourceOptions, logGroupOf } from './log-source';
import { LogLine, readLog } from './read-log';
import { connect, logsClient } from '../clients';
import { Interruption } from '../interruption';
import { connectionOptions } from '../options';
import { write } from '../output';
import { colorsOf } from '../terminal';
import { UserError } from '../user-error';

interface LogsOptions extends LogSourceOptions {
  readonly follow?: boolean;
  /** In milliseconds. */
  readonly since: number;
  readonly json?: boolean;
}

const UNIT_MILLIS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const DEFAULT_SINCE = '1h';

export function logsProgram(): Command {
  return connectionOptions(new Command('logs'))
    .description('print the log of a runtime, or what the commands of a stack have written when it was deployed')
    .option('-f, --follow', 'wait for what comes, until Ctrl-C')
    .option('--since <duration>', `how far to look back, as 30s, 10m, 2h or 7d; ${DEFAULT_SINCE} if left out`, durationOf, durationOf(DEFAULT_SINCE))
    .option('--provider', 'the log of the stack\'s provider: what its commands have written')
    .option('--group <name>', 'a log group by its name')
    .option('--json', 'each line as a JSON document with timestamp, stream and message')
    .addHelpText('after', `
Examples:
  $ cdk-agentcore logs --runtime coder-a1b2c3d4e5 -f
  $ cdk-agentcore logs --stack CodingAgent --provider --since 1d
  $ cdk-agentcore logs --json | jq -r .message`)
    .action(async (options: LogsOptions) => {
      const interruption = new Interruption();
      const client = logsClient(options);
      const group = await interruption.race(logGroupOf(connect(options), options));
      const lines = readLog(client, { group, since: Date.now() - options.since, follow: options.follow ?? false, signal: interruption.signal });
      try {
        for await (const line of lines) {
          const text = options.json ? `${JSON.stringify(line)}\n` : plain(line, options);
          if (text !== '') await interruption.race(write(process.stdout, text));
        }
      } catch (error) {
        interruption.signal.throwIfAborted();
        if ((error as Error).name !== 'ResourceNotFoundException') throw error;
        throw new UserError(`there is no log group ${group}; the one of a runtime is made at its first call, with -f it is waited for`);
      } finally {
        client.destroy();
      }
    });
}

function durationOf(text: string): number {
  const [, amount, unit] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  if (amount === undefined) throw new InvalidArgumentError('use a number with s, m, h or d, as in 10m.');
  return Number(amount) * UNIT_MILLIS[unit];
}

/** The notes by which the provider knows requests again are no log. */
const LEDGER_STREAM = /^request\//;

function plain({ timestamp, stream, message }: LogLine, { provider }: LogsOptions): string {
  if (provider && LEDGER_STREAM.test(stream)) return '';
  const colors = colorsOf(process.stdout);
  const { text, isError } = provider ? ofProvider(message) : { text: message, isError: false };
  const shown = text.replace(/\r?\n$/, '');
  return `${colors.dim(new Date(timestamp).toISOString())} ${isError ? colors.yellow(shown) : shown}\n`;
}

/** The provider writes each line of a command as a JSON document of its own. */
function ofProvider(message: string): { readonly text: string; readonly isError: boolean } {
  try {
    const { stdout, stderr } = JSON.parse(message) as { readonly stdout?: unknown; readonly stderr?: unknown };
    if (typeof stdout === 'string') return { text: stdout, isError: false };
    if (typeof stderr === 'string') return { text: stderr, isError: true };
  } catch {
    // what Lambda itself says is no JSON
  }
  return { text: message, isError: false };
}
