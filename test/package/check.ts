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
} finally {
  rmSync(home, { recursive: true });
}
