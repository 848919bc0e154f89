import { Command } from 'commander';
import { connectInput } from './terminal-input';
import { AgentSession } from '../../client/api/agent-session';
import { AgentShell, ShellEnd } from '../../client/api/shell';
import { check } from '../../client/compose-run';
import { validateSessionId } from '../../service/session-id';
import { validateShellId } from '../../service/shell';
import { connect, RuntimeOptions, runtimeArnOf } from '../clients';
import { Interruption } from '../interruption';
import { KnownSessions } from '../known/sessions';
import { connectionOptions, sessionOption } from '../options';
import { write } from '../output';
import { stopOwnSession } from '../own-session';
import { Spinner } from '../terminal';
import { CLI_FAILURE } from '../user-error';

interface ShellOptions extends RuntimeOptions {
  readonly session?: string;
  readonly qualifier: string;
  readonly shellId?: string;
}

export function shellProgram(): Command {
  return connectionOptions(new Command('shell'))
    .description('open an interactive shell in a session, on a terminal there; its exit code is ours')
    .addOption(sessionOption('the session; without one, a new session is opened and stopped again'))
    .option('--shell-id <id>', 'the shell: one that was left is there again, with what it has written meanwhile; a new one if left out')
    .addHelpText('after', `
Enter, then ~. leaves the shell, which goes on in its session; ~~ there is one tilde. A lost connection is made anew. A session has 10
shells at most. Input may come through a pipe; for scripts, \`run\` tells output from errors and needs no terminal.

Examples:
  $ cdk-agentcore shell --session "$SESSION"
  $ cdk-agentcore shell --session "$SESSION" --shell-id debug       # again, after it was left`)
    .action(async (options: ShellOptions) => {
      process.exitCode = await openShell(options);
    });
}

async function openShell(options: ShellOptions): Promise<number> {
  const { session: sessionId, shellId, qualifier, endpoint } = options;
  check([...sessionId === undefined ? [] : validateSessionId(sessionId), ...shellId === undefined ? [] : validateShellId(shellId)]);
  const interruption = new Interruption();
  const { control, data } = connect(options);
  data.destroy();
  const runtimeArn = await interruption.race(runtimeArnOf(control, options));
  const session = AgentSession.of({ runtimeArn, sessionId, qualifier, endpoint, region: await control.config.region() });
  let started = false;
  try {
    const shell = await new Spinner().during('opening a shell ...', open(session, shellId, interruption.signal));
    started = true;
    const end = await attend(shell);
    interruption.signal.throwIfAborted();
    return await tellEnd(end, shell, sessionId);
  } finally {
    if (sessionId === undefined) await stopOwnSession(session, started);
    else if (started) new KnownSessions().used({ runtimeArn, qualifier, sessionId, endpoint });
    session.close();
  }
}

async function open(session: AgentSession, shellId: string | undefined, signal: AbortSignal): Promise<AgentShell> {
  const tell = (text: string) => void write(process.stderr, asLine(text)).catch(() => undefined);
  return session.openShell({
    shellId,
    ...terminalSize(),
    signal,
    onOutput: async (bytes) => write(process.stdout, bytes),
    onNotice: tell,
    onDisconnect: (why) => tell(`the connection is lost (${why}); connecting again ...`),
    onReconnect: ({ resumed }) => tell(resumed ? 'connected again' : 'connected again; the shell is gone, and this one is new'),
  });
}

/** Lets the shell have the terminal until it ends. */
async function attend(shell: AgentShell): Promise<ShellEnd> {
  const { stdin, stdout } = process;
  const onResize = () => {
    const size = terminalSize();
    if (size) shell.resize(size.columns, size.rows);
  };
  const disconnectInput = connectInput(stdin, shell);
  stdout.on('resize', onResize);
  try {
    return await shell.ended;
  } finally {
    stdout.off('resize', onResize);
    disconnectInput();
  }
}

/** Undefined where there is no terminal, or one that does not know its size. */
function terminalSize(): { readonly columns: number; readonly rows: number } | undefined {
  const { isTTY, columns, rows } = process.stdout;
  return isTTY && columns > 0 && rows > 0 ? { columns, rows } : undefined;
}

/** The exit code for how it ended, with words where a shell would have none. */
async function tellEnd({ how, exitCode, message }: ShellEnd, { shellId }: AgentShell, sessionId?: string): Promise<number> {
  const again = sessionId === undefined ? '' : `; see it again with: cdk-agentcore shell --session ${sessionId} --shell-id ${shellId}`;
  const words: Partial<Record<ShellEnd['how'], string>> = {
    sessionEnded: 'the session has ended, and the shell with it',
    replaced: 'somebody else has connected to the shell',
    ...(sessionId === undefined ? {} : { left: `the shell goes on${again}` }),
    ...(exitCode === undefined ? { exited: `the shell has ended without an exit code${message ? `: ${message}` : ''}` } : {}),
  };
  if (words[how]) await write(process.stderr, `cdk-agentcore: ${words[how]}\n`);
  if (how === 'left') return 0;
  return exitCode ?? CLI_FAILURE;
}

/** Of its own, also on a terminal that takes everything as it is. */
function asLine(text: string): string {
  return process.stdin.isTTY ? `\r\ncdk-agentcore: ${text}\r\n` : `cdk-agentcore: ${text}\n`;
}
