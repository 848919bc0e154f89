import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { Lazy } from 'aws-cdk-lib';
import { CfnRuntime, Runtime } from 'aws-cdk-lib/aws-bedrockagentcore';
import { ROOT } from './pages';
import { image, templateOf, testStack } from '../util/stacks';

interface Row {
  readonly feature: string;
  readonly official: string;
  readonly test: string;
}

/** The rows of the README's comparison. */
const ROWS: Row[] = readFileSync(join(ROOT, 'README.md'), 'utf8')
  .split('## What it adds')[1].split('\n## ')[0].split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| |'))
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .map(([, feature, official, , , test]) => ({ feature, official, test }));

const TASKS = Object.keys((JSON.parse(readFileSync(join(ROOT, '.projen/tasks.json'), 'utf8')) as { tasks: object }).tasks);

test.each(ROWS.map((row) => [row.feature, row] as const))('%s: what it claims has a test', (_feature, { test: proof }) => {
  const files = [...proof.matchAll(/\]\(([^)]+)\)/g)].map(([, file]) => file);
  const tasks = [...proof.matchAll(/`(?:npm run|npx projen) ([\w:-]+)`/g)].map(([, task]) => task);
  expect(files.length + tasks.length).toBeGreaterThan(0);
  expect([...files.filter((file) => !/\.test\.ts$/.test(file) || !existsSync(join(ROOT, file))), ...tasks.filter((task) => !TASKS.includes(task))]).toEqual([]);
});

// its assembly, since the README speaks of the oldest version that this library works with, which is the one installed here
describe('the official L2', () => {
  const cdk = dirname(require.resolve('aws-cdk-lib/package.json'));
  const assembly = JSON.parse(gunzipSync(readFileSync(join(cdk, '.jsii.gz'))).toString()) as {
    version: string;
    types: Record<string, { properties?: { name: string }[]; methods?: { name: string }[] }>;
  };
  const types = Object.entries(assembly.types).filter(([name]) => name.startsWith('aws-cdk-lib.aws_bedrockagentcore.')).map(([name, type]) => [name.split('.').slice(2).join('.'), type] as const);
  const membersOf = (name: string) => {
    const { properties = [], methods = [] } = types.find(([found]) => found === name)![1];
    return [...properties, ...methods].map((member) => member.name);
  };
  const claim = (feature: string) => ROWS.find((row) => row.feature === feature)!.official;

  test('is of the version that the README names', () => {
    expect(readFileSync(join(ROOT, 'README.md'), 'utf8')).toContain(`official L2 of \`aws-cdk-lib\` ${assembly.version}`);
  });

  test('mounts nothing, while its L1 knows three kinds of filesystems and no capacity provider', () => {
    expect(claim('session storage')).toBe('by the L1');
    expect(claim('EFS and S3 Files, with permissions')).toBe('by the L1, without');
    expect(claim('security-group rules for them')).toBe('no');
    expect(claim('capacity providers, volumes of a chosen size')).toBe('no L1 yet');
    expect(membersOf('RuntimeProps').filter((name) => /file|storage|mount|capacity/i.test(name))).toEqual([]);
    expect(membersOf('CfnRuntime.FilesystemConfigurationProperty').sort()).toEqual(['efsAccessPoint', 's3FilesAccessPoint', 'sessionStorage']);
    expect(types.filter(([name]) => /CapacityProvider/.test(name))).toEqual([]);
  });

  test('grants to invoke, and nothing else', () => {
    expect(claim('grants: invoke')).toBe('yes');
    expect(claim('grants: command, shell, stop, WebSocket')).toBe('no');
    expect(membersOf('RuntimeBase').filter((name) => /^grant/.test(name) && name !== 'grantPrincipal').sort())
      .toEqual(['grant', 'grantInvoke', 'grantInvokeRuntime', 'grantInvokeRuntimeForUser']);
  });

  test('has nothing that runs, measures or watches commands', () => {
    for (const feature of ['storage measured in a session at deployment', 'a command at deployment, with roll-back', 'its output as attributes',
      'when it runs again; commands on deletion', 'metrics, alarms, dashboard of commands', 'a local service that runs commands']) {
      expect([feature, claim(feature)]).toEqual([feature, 'no']);
    }
    expect(types.filter(([name, { methods = [] }]) => [name, ...methods.map((method) => method.name)].some((word) => /command|dashboard|alarm/i.test(word)))).toEqual([]);
  });

  test('lets rules between properties pass at synth', () => {
    expect(claim('rules between properties checked at synth')).toBe('no');
    const stack = testStack();
    const runtime = new Runtime(stack, 'Official', { agentRuntimeArtifact: image() });
    const storage = { sessionStorage: { mountPath: '/mnt/workspace' } };
    (runtime.node.defaultChild as CfnRuntime).filesystemConfigurations = Lazy.any({ produce: () => [storage, storage] });
    expect(() => templateOf(stack)).not.toThrow();
  });

  test('has endpoints whose versions are a matter of whoever writes the app', () => {
    expect(claim('an endpoint that moves after its gates')).toBe('by hand');
    expect(membersOf('RuntimeEndpointProps')).toContain('agentRuntimeVersion');
    expect(membersOf('RuntimeEndpointProps').filter((name) => /gate|promot/i.test(name))).toEqual([]);
  });
});
