import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { App, NestedStack, Stack, Stage, Validations } from 'aws-cdk-lib';
import { CfnRuntime, CfnRuntimeEndpoint } from 'aws-cdk-lib/aws-bedrockagentcore';
import { Construct } from 'constructs';
import { AgentCoreChecks, AgentRuntime, Command, CommandRunner, SessionStorage } from '../../src';
import { RULES } from '../../src/validation/rules';
import { image } from '../util/stacks';

/** A violation as the report of the CDK tells it. */
interface Violation {
  readonly ruleName: string;
  readonly description: string;
  readonly fix?: string;
  readonly severity?: string;
  readonly constructPath?: string;
  readonly logicalId?: string;
  readonly template?: string;
  readonly properties?: string[];
}

let outdir: string;
let app: App;
let exitCode: typeof process.exitCode;

beforeEach(() => {
  outdir = mkdtempSync(path.join(os.tmpdir(), 'agentcore-checks-'));
  app = new App({ outdir, analyticsReporting: false });
  exitCode = process.exitCode;
  jest.spyOn(console, 'error').mockReturnValue();
});

afterEach(() => {
  process.exitCode = exitCode;
  rmSync(outdir, { recursive: true });
});

function native(scope: Construct, props: Partial<ConstructorParameters<typeof CfnRuntime>[2]> = {}): CfnRuntime {
  return new CfnRuntime(scope, 'Native', {
    agentRuntimeName: 'agent',
    roleArn: 'arn:aws:iam::123456789012:role/agent',
    agentRuntimeArtifact: { containerConfiguration: { containerUri: '123456789012.dkr.ecr.us-west-2.amazonaws.com/agent:1' } },
    networkConfiguration: { networkMode: 'PUBLIC' },
    ...props,
  });
}

const twice = { filesystemConfigurations: [{ sessionStorage: { mountPath: '/mnt/a' } }, { sessionStorage: { mountPath: '/mnt/a' } }] };

/** The report of the CDK, which has another name and another form in later versions. */
function violations(): Violation[] {
  Validations.of(app).addPlugins(new AgentCoreChecks());
  process.exitCode = 0;
  try {
    app.synth();
  } catch (error) {
    // what later versions do instead of setting the exit code
    if ((error as Error).name !== 'ValidationFailed') throw error;
    process.exitCode = 1;
  }
  const file = ['policy-validation-report.json', 'validation-report.json'].map((name) => path.join(outdir, name)).find((name) => existsSync(name));
  const { pluginReports } = JSON.parse(readFileSync(file!, 'utf8'));
  return pluginReports.flatMap((plugin: any) => plugin.violations).map((violation: any) => {
    const { ruleName, description, severity, fix = violation.suggestedFix, violatingConstructs: [place] } = violation;
    const { constructPath, cloudFormationResource: resource = place } = place;
    const { logicalId = resource.resourceLogicalId, templatePath, propertyPaths: properties = resource.locations } = resource;
    return { ruleName, description, severity, fix, constructPath, logicalId, template: path.basename(templatePath), properties };
  });
}

function found(): [string, string | undefined][] {
  return violations().map(({ ruleName, constructPath }) => [ruleName, constructPath]);
}

it('tells rule, construct path, value, place and fix of what is wrong with a native runtime, and fails the synthesis', () => {
  native(new Stack(app, 'Stack'), twice);
  const [first, second] = violations();
  expect(first).toMatchObject({
    ruleName: 'cdk-agentcore-runtime:mountPath',
    description: 'Stack/Native: mount path /mnt/a is used twice, each filesystem needs its own',
    fix: 'mount each filesystem at a path of its own, /mnt/ and one directory name',
    severity: 'error',
    constructPath: 'Stack/Native',
    logicalId: 'Native',
    template: 'Stack.template.json',
    properties: ['Properties/FilesystemConfigurations'],
  });
  expect(second.description).toBe('Stack/Native: 2 filesystems of kind sessionStorage, a runtime takes 1 at most');
  expect(process.exitCode).toBe(1);
});

it('only reports warnings and infos', () => {
  const stack = new Stack(app, 'Stack');
  const runtime = native(stack);
  new CfnRuntimeEndpoint(stack, 'Prod', { agentRuntimeId: runtime.attrAgentRuntimeId, name: 'prod', agentRuntimeVersion: '1' });
  expect(found()).toEqual([['cdk-agentcore-runtime:endpointVersion', 'Stack/Prod']]);
  expect(process.exitCode).toBe(0);
});

it('has nothing to say against our own constructs', () => {
  const stack = new Stack(app, 'Stack', { env: { account: '123456789012', region: 'us-west-2' } });
  const runtime = new AgentRuntime(stack, 'Agent', { agentRuntimeArtifact: image(), sessionStorage: new SessionStorage(stack, 'Storage') });
  new CommandRunner(stack, 'Check', { runtime, command: Command.shell('true') });
  new CommandRunner(stack, 'Prod', { runtime, command: Command.argv('ls', '/mnt'), endpoint: runtime.addEndpoint('prod') });
  expect(found()).toEqual([]);
});

it('checks what an escape hatch has done to our own constructs', () => {
  const stack = new Stack(app, 'Stack');
  const runtime = new AgentRuntime(stack, 'Agent', { agentRuntimeArtifact: image() });
  const runner = new CommandRunner(stack, 'Check', { runtime, command: Command.shell('true') });
  (runner.node.defaultChild as CfnRuntime).addPropertyOverride('Timeout', '4000');
  expect(() => app.synth()).toThrow(/\[Stack\/Check\] time-out of 4000 s is not .* \[rule: cdk-agentcore-runtime:commandTimeout\]/);
});

it('checks nested stacks and stages', () => {
  const stack = new Stack(app, 'Stack');
  native(stack);
  native(new NestedStack(stack, 'Nested'), { agentRuntimeName: 'not-valid' });
  native(new NestedStack(new NestedStack(stack, 'Outer'), 'Inner'), { agentRuntimeName: 'not-good' });
  native(new Stack(new Stage(app, 'Beta'), 'Stack'), { agentRuntimeName: 'not-right' });
  expect(violations().map(({ description }) => description.split('; ')[0]).sort()).toEqual([
    'Beta/Stack/Native: runtime name "not-right" is not a letter followed by up to 47 letters, digits or underscores',
    'Stack/Nested/Native: runtime name "not-valid" is not a letter followed by up to 47 letters, digits or underscores',
    'Stack/Outer/Inner/Native: runtime name "not-good" is not a letter followed by up to 47 letters, digits or underscores',
  ]);
});

it('knows the region of a stack', () => {
  native(new Stack(app, 'Known', { env: { account: '123456789012', region: 'us-west-2' } }));
  native(new Stack(app, 'Other', { env: { account: '123456789012', region: 'us-moon-1' } }));
  native(new Stack(app, 'Agnostic'));
  expect(found()).toEqual([['cdk-agentcore-runtime:region', 'Other/Native']]);
});

it('never tells the value of a secret', () => {
  native(new Stack(app, 'Stack'), { environmentVariables: { DB_PASSWORD: 'hunter2' } });
  const all = violations();
  expect(all.map(({ ruleName, severity }) => [ruleName, severity])).toEqual([['cdk-agentcore-runtime:literalSecret', 'warning']]);
  expect(JSON.stringify(all)).not.toContain('hunter2');
});

describe('acknowledgements', () => {
  it.each([
    ['on the construct', () => app.node.findChild('A').node.findChild('Native'), ['B/Native']],
    ['on its stack', () => app.node.findChild('A'), ['B/Native']],
    ['on another construct', () => app.node.findChild('B').node.findChild('Native'), ['A/Native']],
  ])('%s count for it and what is in it', (_title, target: () => Construct, left) => {
    for (const id of ['A', 'B']) native(new Stack(app, id), { agentRuntimeName: 'not-valid' });
    Validations.of(target()).acknowledge({ id: 'cdk-agentcore-runtime:runtimeName', reason: 'known' });
    expect(found().map(([, constructPath]) => constructPath)).toEqual(left);
  });

  it('in the name of the plugin count for the app', () => {
    for (const id of ['A', 'B']) native(new Stack(app, id), { agentRuntimeName: 'not-valid' });
    Validations.of(app).acknowledge({ id: 'AgentCoreChecks::cdk-agentcore-runtime:runtimeName', reason: 'known' });
    expect(found()).toEqual([]);
    expect(process.exitCode).toBe(0);
  });

  it('of another rule do not', () => {
    const stack = new Stack(app, 'Stack');
    native(stack, { agentRuntimeName: 'not-valid' });
    Validations.of(stack).acknowledge({ id: 'cdk-agentcore-runtime:mountPath', reason: 'known' });
    expect(found()).toHaveLength(1);
  });
});

it('has rules with ids that never change, each with a fix', () => {
  expect(new AgentCoreChecks().ruleIds).toEqual(RULES.map(({ name }) => `cdk-agentcore-runtime:${name}`));
  expect(new Set(RULES.map(({ name }) => name)).size).toBe(RULES.length);
  for (const { name, fix } of RULES) expect([name, fix]).toEqual([expect.stringMatching(/^[a-z][A-Za-z]+$/), expect.stringMatching(/^[a-z].*[^.]$/)]);
  expect(RULES.map(({ name, severity }) => `${severity} ${name}`).sort()).toMatchInlineSnapshot(`
[
  "error commandAuthorizer",
  "error commandEnvironment",
  "error commandExitCodes",
  "error commandSecret",
  "error commandSession",
  "error commandText",
  "error commandTimeout",
  "error commandWorkingDirectory",
  "error endpointName",
  "error filesystemCompute",
  "error filesystemCount",
  "error filesystemNetwork",
  "error lifecycle",
  "error mountPath",
  "error runtimeName",
  "error serviceModel",
  "error tags",
  "error unknownProperty",
  "info newVersionEmptiesSessionStorage",
  "warning availabilityZone",
  "warning commandGrantWildcard",
  "warning endpointVersion",
  "warning literalSecret",
  "warning region",
]
`);
});
