import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { BedrockAgentCoreControlClient, CreateAgentRuntimeCommand, ListAgentRuntimesCommand } from '@aws-sdk/client-bedrock-agentcore-control';
import { App, Stack } from 'aws-cdk-lib';
import { Execution, Made, Scenario, Step } from './scenario';
import { statementsIn, takeOut, WrittenStatement } from './statements';
import { RunningLocal, startLocal } from '../../src/local';
import { deploy, destroy } from '../../src/local/deployer';
import { Invoker } from '../../src/local/deployer/lambda/asynchronous';
import { zipDirectory } from '../../src/local/deployer/publish/zip';
import { parseDeploymentFaults } from '../../src/local/faults/deployment-faults';
import { DeploymentInjector } from '../../src/local/faults/deployment-injector';
import { LOCAL_ACCOUNT } from '../../src/local/identity';
import { execute } from '../../src/local/workflow';
import { TemplateJson } from '../util/stacks';

/** A grant of one action on one resource, and how many requests needed it. */
export interface GrantReport {
  readonly action: string;
  readonly resource: string;
  readonly used: number;
}

/** What the local AgentCore says that it has judged. */
export interface IamReport {
  readonly calls: number;
  readonly denied: number;
  readonly denials: readonly { readonly operation: string; readonly principal: string; readonly action: string; readonly resource: string }[];
  readonly statements: readonly {
    readonly role: string;
    readonly statement: { readonly Action: string | readonly string[] };
    readonly grants: readonly GrantReport[];
  }[];
}

export interface TrialResult {
  /** What did not come out as the scenario wants it: the step, and why; undefined if all did. */
  readonly failure?: string;
  readonly report: IamReport;
  /** Of all steps. */
  readonly statements: readonly WrittenStatement[];
}

const REGION = 'us-east-1';
const BY_HAND = 'trial_by_hand';
const QUICK_TIME = join(__dirname, '../util/quick-time.js');

/**
 * Goes through a scenario against a local AgentCore of its own, with the shipped functions.
 *
 * @param without the kind of the statements that are taken out of all policies
 */
export async function tryScenario(scenario: Scenario, without?: string): Promise<TrialResult> {
  const home = mkdtempSync(join(tmpdir(), 'iam-trial-'));
  const local = await startLocal({ port: 0, stateDir: join(home, 'agentcore'), log: () => {} });
  try {
    return await new Trial(home, local, scenario, without).run();
  } finally {
    await local.close();
    rmSync(home, { recursive: true, force: true });
  }
}

class Trial {
  private readonly statements: WrittenStatement[] = [];
  private outputs: Readonly<Record<string, string>> = {};

  private readonly control: BedrockAgentCoreControlClient;

  constructor(
    private readonly home: string, private readonly local: RunningLocal, private readonly scenario: Scenario, private readonly without?: string,
  ) {
    this.control = new BedrockAgentCoreControlClient({ endpoint: local.endpoint, region: REGION, credentials: { accessKeyId: 'local', secretAccessKey: 'local' } });
  }

  public async run(): Promise<TrialResult> {
    const made = await this.prepare();
    let failure: string | undefined;
    for (const [number, step] of this.scenario.steps.entries()) {
      failure = await this.step(step, number, made);
      if (failure !== undefined) break;
    }
    failure ??= await this.destroy();
    this.control.destroy();
    const report = await (await fetch(`${this.local.endpoint}/_local/iam`)).json() as IamReport;
    return { failure, report, statements: this.statements };
  }

  /** Makes what the scenarios find: the code of an agent in a bucket, and a runtime that was made by hand. */
  private async prepare(): Promise<Made> {
    const zip = await buffer(await zipDirectory(join(__dirname, '../local/workflow/agent')));
    for (const key of ['one.zip', 'two.zip']) await this.put('trial-code', key, zip);
    const { agentRuntimeId, agentRuntimeArn } = await this.control.send(new CreateAgentRuntimeCommand({
      agentRuntimeName: BY_HAND,
      roleArn: `arn:aws:iam::${LOCAL_ACCOUNT}:role/by-hand`,
      agentRuntimeArtifact: { codeConfiguration: { code: { s3: { bucket: 'trial-code', prefix: 'one.zip' } }, runtime: 'NODE_22', entryPoint: ['main.js'] } },
      networkConfiguration: { networkMode: 'PUBLIC' },
    }));
    return { runtime: { id: agentRuntimeId!, arn: agentRuntimeArn!, name: BY_HAND } };
  }

  private async step(step: Step, number: number, made: Made): Promise<string | undefined> {
    const { title, declare, example, fails, deploymentFaults = [], execute: executions = [] } = step;
    const assemblyDirectory = join(this.home, `cdk.out-${number}`);
    if (declare) synthesize(assemblyDirectory, (stack) => declare(stack, made));
    if (example !== undefined) await synthesizeExample(assemblyDirectory, example);
    if (existsSync(assemblyDirectory)) {
      for (const file of readdirSync(assemblyDirectory).filter((name) => name.endsWith('.template.json'))) this.prepareTemplate(join(assemblyDirectory, file));
      const injector = new DeploymentInjector(parseDeploymentFaults(deploymentFaults).faults);
      const { stacks: [{ status, failure, outputs }] } = await deploy({ ...this.options, assemblyDirectory }, injector.parts);
      this.outputs = outputs;
      const wanted = fails ? /ROLLBACK_COMPLETE$/.test(status) && fails.test(failure?.reason ?? '') : /^(CREATE|UPDATE)_COMPLETE$/.test(status);
      if (!wanted) return `${title}: ${status} (${failure?.reason ?? 'no reason'})`;
    }
    for (const execution of executions) {
      const wrong = await this.execute(execution);
      if (wrong !== undefined) return `${title}, ${execution.stateMachine}: ${wrong}`;
    }
    return this.leftSessions(title);
  }

  private async execute({ stateMachine, input, objects = {}, name, events = 0, callsTwice = false }: Execution): Promise<string | undefined> {
    for (const [key, body] of Object.entries(objects)) await this.put(this.outputs.Bucket, key, body);
    let sent = 0;
    const outcome = await execute({
      ...this.options, stateMachine, input: input as never, name, onSent: () => { sent++; }, invoker: callsTwice ? twice : undefined,
    });
    if (outcome.status !== 'SUCCEEDED') return `${outcome.status} (${JSON.stringify(outcome)})`;
    return sent === events ? undefined : `${sent} events were sent, not ${events}`;
  }

  private async leftSessions(title: string): Promise<string | undefined> {
    const { sessions } = await (await fetch(`${this.local.endpoint}/_local/sessions`)).json() as { readonly sessions: readonly object[] };
    return sessions.length === 0 ? undefined : `${title}: ${sessions.length} sessions still run`;
  }

  /** Destroys the stack; nothing but what was made by hand may stay. */
  private async destroy(): Promise<string | undefined> {
    const { stacks } = await destroy(this.options);
    const bad = stacks.find(({ status }) => status !== 'DELETE_COMPLETE');
    if (bad) return `destroy: ${bad.status} (${bad.failure?.reason ?? 'no reason'})`;
    const { agentRuntimes = [] } = await this.control.send(new ListAgentRuntimesCommand({}));
    const left = agentRuntimes.filter(({ agentRuntimeName }) => agentRuntimeName !== BY_HAND);
    return left.length === 0 ? undefined : `destroy: ${left.map(({ agentRuntimeName }) => agentRuntimeName).join(', ')} is left`;
  }

  /** Notes the statements of a template, and takes one of them out. */
  private prepareTemplate(file: string): void {
    const template = JSON.parse(readFileSync(file, 'utf8')) as TemplateJson;
    this.statements.push(...statementsIn(template));
    if (this.without === undefined) return;
    takeOut(template, this.without);
    for (const { Type, Properties } of Object.values(template.Resources)) {
      if (Type !== 'AWS::Lambda::Function' || this.scenario.inRealTime) continue;
      Properties.Environment = { Variables: { ...Properties.Environment?.Variables, NODE_OPTIONS: `--require ${QUICK_TIME}` } };
    }
    writeFileSync(file, JSON.stringify(template));
  }

  private async put(bucket: string, key: string, body: string | Buffer): Promise<void> {
    await this.call('PUT', `objects/${bucket}/${encodeURIComponent(key)}`, body);
  }

  private async call(method: string, path: string, body: string | Buffer): Promise<void> {
    const response = await fetch(`${this.local.endpoint}/_local/${path}`, { method, body: new Uint8Array(Buffer.from(body)) });
    if (!response.ok) throw new Error(await response.text());
    await response.body?.cancel();
  }

  private get options() {
    return { endpoint: this.local.endpoint, stateDir: join(this.home, 'stacks'), onEvent: () => {}, onLog: () => {} };
  }
}

function twice(runner: Invoker): Invoker {
  return {
    async invoke(...call) {
      await runner.invoke(...call);
      return runner.invoke(...call);
    },
  };
}

function synthesize(outdir: string, declare: (stack: Stack) => void): void {
  const app = new App({ outdir, analyticsReporting: false, context: { '@aws-cdk/aws-stepfunctions:useDistributedMapResultWriterV2': true } });
  declare(new Stack(app, 'Trial'));
  app.synth();
}

async function synthesizeExample(outdir: string, example: string): Promise<void> {
  const root = join(__dirname, '../..');
  await promisify(execFile)(process.execPath, [join(root, 'node_modules/ts-node/dist/bin.js'), '--transpile-only', '--project', '../tsconfig.json', 'app.ts'], {
    cwd: join(root, 'examples', example), env: { ...process.env, CDK_OUTDIR: outdir },
  });
}
