import { ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { AddressInfo, connect, createServer, Server, Socket } from 'node:net';
import { describeWith, testWith } from '../../util/needs';
import { processes } from '../../util/processes';
import { SCRIPT } from '../../util/terminal';
import { CLI, LocalCli, SESSION } from '../support/local-cli';

let cli: LocalCli;
beforeAll(async () => {
  cli = new LocalCli();
  await cli.start('--driver', 'process');
  await cli.createRuntime('coder');
});
afterAll(async () => cli.end());

const session = (n: number) => `${SESSION}-${n}`;

/** The program on a terminal of its own, by `script` of util-linux; that ends lines once more with a carriage return. */
class OnTerminal {
  public text = '';
  private readonly child: ChildProcess;
  private readonly changed: (() => void)[] = [];

  constructor(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
    const line = [process.execPath, CLI, ...args].map((word) => `'${word}'`).join(' ');
    this.child = spawn('script', ['-qfec', line, '/dev/null'], { cwd: cli.home, env: cli.environment({ SHELL: '/bin/sh', TERM: 'xterm', ...env }), stdio: 'pipe' });
    this.child.stdout!.on('data', (chunk: Buffer) => {
      this.text += chunk.toString();
      for (const wake of this.changed.splice(0)) wake();
    });
  }

  public async says(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = pattern.exec(this.text);
      if (found) return found;
      await new Promise<void>((resolve) => this.changed.push(resolve));
    }
  }

  public type(text: string): void {
    this.child.stdin!.write(text);
  }

  public async exitCode(): Promise<number> {
    const [code] = await once(this.child, 'exit');
    return code;
  }
}

test('what comes through a pipe is typed; its end ends the shell, whose exit code is ours', () => {
  const { status, stdout } = cli.run(['shell'], {}, 'echo "sum $((20 + 3))"\n(exit 7)');
  expect(stdout).toMatch(/sum 23\r?\n/);
  expect(status).toBe(7);
});

test('no input at all is an end too', () => {
  expect(cli.run(['shell', '--session', session(0)], {}, '').status).toBe(0);
});

test.each<[string, string[], RegExp]>([
  ['an id of a shell that is none', ['--shell-id', 'a b'], /shell id "a b"/],
  ['a session id that is too short', ['--session', 'short'], /session id "short" has 5 characters/],
  ['both', ['--session', 'short', '--shell-id', 'a b'], /session id "short".*shell id "a b"/],
])('%s is told in one line, with 125', (_, args, message) => {
  const { status, stderr } = cli.run(['shell', ...args]);
  expect(stderr).toMatch(message);
  expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  expect(status).toBe(125);
});

describeWith([SCRIPT], 'on a terminal', () => {
  test('keys go to the shell, Ctrl-C too; ~. leaves it, and it is there again by its id', async () => {
    const terminal = new OnTerminal(['shell', '--session', session(1), '--shell-id', 'debug']);
    await terminal.says(/[#$] $/);
    terminal.type('x=17; sh -c \'echo "begun $((40 + 2))"; exec sleep 1000\'\r');
    await terminal.says(/begun 42\r+\n/);
    terminal.type('\x03');
    terminal.type('echo "still $x"\r');
    await terminal.says(/still 17\r+\n/);
    terminal.type('~.');
    expect(await terminal.exitCode()).toBe(0);
    expect(terminal.text).toMatch(new RegExp(`the shell goes on; see it again with: cdk-agentcore shell --session ${session(1)} --shell-id debug`));
    const again = cli.run(['shell', '--session', session(1), '--shell-id', 'debug'], {}, 'echo "again $x"; exit 3\n');
    expect(again.stdout).toMatch(/again 17\r\n/);
    expect(again.status).toBe(3);
  });

  test('a second one with the same id takes the shell over', async () => {
    const first = new OnTerminal(['shell', '--session', session(2), '--shell-id', 'one']);
    await first.says(/[#$] $/);
    const second = new OnTerminal(['shell', '--session', session(2), '--shell-id', 'one']);
    expect(await first.exitCode()).toBe(125);
    expect(first.text).toMatch(/somebody else has connected to the shell/);
    second.type('exit 4\r');
    expect(await second.exitCode()).toBe(4);
  });
});

/** A way to the local AgentCore that can be cut. */
class Relay {
  private readonly sockets = new Set<Socket>();
  private readonly server: Server;

  constructor(target: URL) {
    this.server = createServer((incoming) => {
      const outgoing = connect(Number(target.port), target.hostname);
      for (const [from, to] of [[incoming, outgoing], [outgoing, incoming]]) {
        this.sockets.add(from);
        from.pipe(to);
        from.on('error', () => undefined).on('close', () => to.destroy());
      }
    });
  }

  public async open(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  public cut(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  public async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

testWith([SCRIPT], 'a connection that is lost is made anew, and what was written meanwhile is there', async () => {
  const relay = new Relay(new URL(cli.endpoint!));
  const endpoint = await relay.open();
  try {
    const terminal = new OnTerminal(['shell', '--session', session(3)], { CDK_AGENTCORE_ENDPOINT: endpoint });
    await terminal.says(/[#$] $/);
    terminal.type('x=42; echo "up $x"\r');
    await terminal.says(/up 42\r+\n/);
    relay.cut();
    await terminal.says(/the connection is lost .*connecting again/);
    await terminal.says(/connected again\r+\n/);
    terminal.type('echo "and still $x"; exit 6\r');
    await terminal.says(/and still 42\r+\n/);
    expect(await terminal.exitCode()).toBe(6);
  } finally {
    await relay.close();
  }
});

test('without a session, the one that was opened is stopped again', async () => {
  const health = async () => (await (await fetch(`${cli.endpoint}/_local/health`)).json() as { sessions: number }).sessions;
  const before = await health();
  expect(cli.run(['shell'], {}, 'exit\n').status).toBe(0);
  expect(await health()).toBe(before);
});

testWith([SCRIPT], 'a signal leaves the shell and gives the terminal back', async () => {
  const terminal = new OnTerminal(['shell', '--session', session(4), '--shell-id', 'kept']);
  await terminal.says(/[#$] $/);
  // not `script`, nor the shell by which it runs the program
  const ours = processes().filter(({ commandLine }) => commandLine.startsWith(`${process.execPath} `) && commandLine.includes(`shell --session ${session(4)}`));
  expect(ours).toHaveLength(1);
  process.kill(ours[0].pid, 'SIGTERM');
  expect(await terminal.exitCode()).toBe(143);
  expect(cli.run(['shell', '--session', session(4), '--shell-id', 'kept'], {}, 'exit 9\n').status).toBe(9);
});
