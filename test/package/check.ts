// Packs the library, lays it beside its peers and nothing else, and uses it as its users do: what only the repository has
// must not be missed. The library has to be compiled and bundled before.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(__dirname, '../..');
const NAME = 'cdk-agentcore-runtime';
const PEERS = ['aws-cdk-lib', 'constructs'];

const APP = `
  const { App, Stack } = require('aws-cdk-lib');
  const { AgentRuntimeArtifact } = require('aws-cdk-lib/aws-bedrockagentcore');
  const { AgentRuntime, Command, CommandRunner, SessionStorage } = require('${NAME}');
  const app = new App();
  const stack = new Stack(app, 'Demo');
  const runtime = new AgentRuntime(stack, 'Agent', {
    agentRuntimeArtifact: AgentRuntimeArtifact.fromImageUri('111122223333.dkr.ecr.us-east-1.amazonaws.com/agent:1'),
    sessionStorage: new SessionStorage(stack, 'Workspace'),
  });
  new CommandRunner(stack, 'Check', { runtime, command: Command.shell('true') });
  const types = Object.values(app.synth().getStackByName('Demo').template.Resources).map(({ Type }) => Type);
  for (const type of ['Custom::AgentCoreRuntime', 'Custom::AgentCoreCommand']) if (!types.includes(type)) throw new Error('no ' + type + ' among ' + types);
`;

// what a script without CDK does: every kind of thing that the client gives is named once
const SCRIPT = `
  import { AgentSession, AgentSessionOptions, CommandOutcomeUnknownError, CommandResult, DetachedHandle, InvalidInputError, OutputPiece, ThrottlingException, toObservation } from '${NAME}/client';
  const options: AgentSessionOptions = { runtimeArn: 'arn:aws:bedrock-agentcore:us-east-1:111122223333:runtime/coder-a1b2c3d4e5', endpoint: 'http://127.0.0.1:9' };
  const session: AgentSession = AgentSession.of(options);
  async function work(): Promise<number | undefined> {
    const result: CommandResult = await session.run(['npm', 'test'], { cwd: '/mnt/workspace', timeoutSeconds: 60, onStdout: async (text: string) => { process.stdout.write(text); } });
    const pieces: OutputPiece[] = [];
    for await (const piece of session.stream('npm test')) pieces.push(piece);
    const handle: DetachedHandle = (await session.runDetached('npm run build')).handle;
    await session.attach(handle).wait();
    const answer = await session.invoke<{ done: boolean }>({ observation: toObservation(result) });
    return answer.done ? result.exitCode : undefined;
  }
  // @ts-expect-error a result cannot be written to
  (result: CommandResult) => { result.exitCode = 0; };
  work().then(() => { throw new Error('nobody listens there'); }, (error: unknown) => {
    if (error instanceof CommandOutcomeUnknownError || error instanceof ThrottlingException) throw error;
    if (!(error instanceof Error) || error.name !== 'ConnectionError') throw error;
    try {
      AgentSession.of({ ...options, sessionId: 'short' });
    } catch (wrong) {
      if (wrong instanceof InvalidInputError && wrong.faults.length === 1) console.log('works');
    }
  });
`;
const RESOLUTIONS = {
  // as in CDK apps that were set up some time ago
  'node10': { file: 'script.cts', options: ['--module', 'commonjs', '--moduleResolution', 'node10', '--ignoreDeprecations', '6.0'] },
  'node16': { file: 'script.cts', options: ['--module', 'node16', '--moduleResolution', 'node16'] },
  'node16, an ES module': { file: 'script.mts', options: ['--module', 'node16', '--moduleResolution', 'node16'] },
};

const home = mkdtempSync(join(tmpdir(), 'package-'));
try {
  const modules = join(home, 'node_modules');
  mkdirSync(join(modules, '.bin'), { recursive: true });
  execFileSync('npm', ['pack', '--ignore-scripts', '--pack-destination', home], { cwd: ROOT, stdio: ['ignore', 'ignore', 'pipe'] });
  const tarball = readdirSync(home).find((file) => file.endsWith('.tgz'))!;
  execFileSync('tar', ['-xzf', tarball], { cwd: home });
  execFileSync('mv', ['package', join(modules, NAME)], { cwd: home });
  for (const peer of PEERS) symlinkSync(join(ROOT, 'node_modules', peer), join(modules, peer));

  const node = (...args: string[]) => execFileSync(process.execPath, args, { cwd: home, encoding: 'utf8', env: { PATH: process.env.PATH } });
  writeFileSync(join(home, 'app.js'), APP);
  node('app.js');
  console.log('the constructs synthesize');
  node('-e', `require('${NAME}/testing').maskSnapshot({})`);
  console.log('the test kit loads');
  const help = node(join(modules, NAME, 'bin/cdk-agentcore'), '--help');
  if (!/Usage: cdk-agentcore/.test(help)) throw new Error(`the command says ${help}`);
  console.log('the command runs');

  // the types of Node.js are the only ones that the script has besides; nothing of the library's own is skipped
  mkdirSync(join(modules, '@types'));
  for (const types of ['@types/node', 'undici-types']) symlinkSync(join(ROOT, 'node_modules', types), join(modules, types));
  for (const [name, { file, options }] of Object.entries(RESOLUTIONS)) {
    writeFileSync(join(home, file), SCRIPT);
    node(join(ROOT, 'node_modules/typescript/bin/tsc'), '--strict', '--target', 'es2022', '--types', 'node', '--skipLibCheck', 'false', ...options, file);
    const said = node(join(home, file.replace(/ts$/, 'js')));
    if (said !== 'works\n') throw new Error(`the script says ${said}`);
    console.log(`the client type-checks and runs with ${name}`);
  }
  const loaded = node('-e', `require('${NAME}/client'); console.log(Object.keys(require.cache).filter((file) => !file.endsWith('assets/client/index.js')).join())`);
  if (loaded !== '\n') throw new Error(`the client loads ${loaded}`);
  console.log('the client loads nothing else');
} finally {
  rmSync(home, { recursive: true });
}
