import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { BedrockAgentCoreControlClient, CreateAgentRuntimeCommand } from '@aws-sdk/client-bedrock-agentcore-control';
import { App, Stack } from 'aws-cdk-lib';
import { Made, Scenario, Step } from './scenario';
import { StatementSite, statementsIn, takeOut } from './statements';
import { RunningLocal, startLocal } from '../../src/local';
import { deploy, destroy } from '../../src/local/deployer';
import { LOCAL_ACCOUNT } from '../../src/local/identity';
import { execute } from '../../src/local/workflow';
import { TemplateJson } from '../util/stacks';
import { zipDirectory } from '../../src/local/deployer/publish/zip';

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
  readonly statements: readonly { readonly role: string; readonly policy: string; readonly statement: object; readonly grants: readonly GrantReport[] }[];
}

export interface TrialResult {
  /** What did not come out as the scenario wants it: the step, and why; undefined if all did. */
  readonly failure?: string;
  readonly report: IamReport;
  /** Of all steps. */
  readonly statements: readonly StatementSite[];
}

const REGION = 'us-east-1';
const QUICK_TIME = join(__dirname, 'quick-time.js');

/**
 * Goes through a scenario against a local AgentCore of its own, with the shipped functions.
 *
 * @param without a statement that is taken out of all policies
 */
export async function tryScenario(scenario: Scenario, without?: StatementSite): Promise<TrialResult> {
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
  private readonly statements: StatementSite[] = [];
  private outputs: Readonly<Record<string, string>> = {};

  constructor(private readonly home: string, private readonly local: RunningLocal, private readonly scenario: Scenario, private readonly without?: StatementSite) {}

  public async run(): Promise<TrialResult> {
    const made = await this.prepare();
    let failure: string | undefined;
    for (const [number, step] of this.scenario.steps.entries()) {
      failure = await this.step(step, number, made);
      if (failure !== undefined) break;
    }
    failure ??= await this.destroy();
    const report = await (await fetch(`${this.local.endpoint}/_local/iam`)).json() as IamReport;
    return { failure, report, statements: this.statements };
  }

  /** Makes what the scenarios find: the code of an agent in a bucket, and a runtime that was made by hand. */
  private async prepare(): Promise<Made> {
    const zip = await buffer(await zipDirectory(join(__dirname, '../local/workflow/agent')));
    for (const key of ['one.zip', 'two.zip']) await this.put('trial-code', key, zip);
    const control = new BedrockAgentCoreControlClient({ endpoint: this.local.endpoint, region: REGION, credentials: { accessKeyId: 'local', secretAccessKey: 'local' } });
    const name = 'trial_by_hand';
    const { agentRuntimeId, agentRuntimeArn } = await control.send(new CreateAgentRuntimeCommand({
      agentRuntimeName: name,
      roleArn: `arn:aws:iam::${LOCAL_ACCOUNT}:role/by-hand`,
      agentRuntimeArtifact: { codeConfiguration: { code: { s3: { bucket: 'trial-code', prefix: 'one.zip' } }, runtime: 'NODE_22', entryPoint: ['main.js'] } },
      networkConfiguration: { networkMode: 'PUBLIC' },
    }));
    control.destroy();
    return { runtime: { id: agentRuntimeId!, arn: agentRuntimeArn!, name } };
  }

  private async step({ title, declare, example, fails = false, execute: executions = [] }: Step, number: number, made: Made): Promise<string | undefined> {
    const assemblyDirectory = join(this.home, `cdk.out-${number}`);
    if (declare) synthesize(assemblyDirectory, (stack) => declare(stack, made));
    if (example !== undefined) await synthesizeExample(assemblyDirectory, example);
    if (existsSync(assemblyDirectory)) {
      for (const file of readdirSync(assemblyDirectory).filter((name) => name.endsWith('.template.json'))) this.prepareTemplate(join(assemblyDirectory, file));
      const { stacks: [{ status, failure, outputs }] } = await deploy({ ...this.options, assemblyDirectory });
      this.outputs = outputs;
      const wanted = fails ? /ROLLBACK_COMPLETE$/ : /^(CREATE|UPDATE)_COMPLETE$/;
      if (!wanted.test(status)) return `${title}: ${status} (${failure?.reason ?? 'no reason'})`;
    }
    for (const { stateMachine, input, objects = {}, name } of executions) {
      for (const [key, body] of Object.entries(objects)) await this.put(this.outputs.Bucket, key, body);
      const outcome = await execute({ ...this.options, stateMachine, input: input as never, name });
      if (outcome.status !== 'SUCCEEDED') return `${title}, ${stateMachine}: ${outcome.status} (${JSON.stringify(outcome)})`;
    }
    return undefined;
  }

  private async destroy(): Promise<string | undefined> {
    const { stacks } = await destroy(this.options);
    const bad = stacks.find(({ status }) => status !== 'DELETE_COMPLETE');
    return bad && `destroy: ${bad.status} (${bad.failure?.reason ?? 'no reason'})`;
  }

  /** Notes the statements of a template, and takes one of them out. */
  private prepareTemplate(file: string): void {
    const template = JSON.parse(readFileSync(file, 'utf8')) as TemplateJson;
    this.statements.push(...statementsIn(template));
    if (!this.without) return;
    takeOut(template, this.without);
    for (const { Type, Properties } of Object.values(template.Resources)) {
      if (Type !== 'AWS::Lambda::Function') continue;
      Properties.Environment = { Variables: { ...Properties.Environment?.Variables, NODE_OPTIONS: `--require ${QUICK_TIME}` } };
    }
    writeFileSync(file, JSON.stringify(template));
  }

  private async put(bucket: string, key: string, body: string | Buffer): Promise<void> {
    const response = await fetch(`${this.local.endpoint}/_local/objects/${bucket}/${encodeURIComponent(key)}`, { method: 'PUT', body: new Uint8Array(Buffer.from(body as Buffer)) });
    if (!response.ok) throw new Error(await response.text());
    await response.body?.cancel();
  }

  private get options() {
    return { endpoint: this.local.endpoint, stateDir: join(this.home, 'stacks'), onEvent: () => {}, onLog: () => {} };
  }
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
