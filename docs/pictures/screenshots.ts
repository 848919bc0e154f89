// Takes the pictures of the local AgentCore's page: of a server with a runtime, some sessions, and a command that runs.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BedrockAgentCoreClient, InvokeAgentRuntimeCommandCommand, StopRuntimeSessionCommand } from '@aws-sdk/client-bedrock-agentcore';
import {
  BedrockAgentCoreControlClient, CreateAgentRuntimeCommand, CreateAgentRuntimeEndpointCommand, UpdateAgentRuntimeCommand,
} from '@aws-sdk/client-bedrock-agentcore-control';
import { Page } from 'playwright-core';
import { startLocal } from '../../src/local';
import { composeCommandLine } from '../../src/service/command-line';
import { launchChromium } from '../../test/util/chromium';

/** The port that the documentation speaks of. */
const PORT = 8585;
const SIZE = { width: 1120, height: 780 };

const SET_UP = `git init -q -b main . && git config user.name Coder && git config user.email coder@example.com
mkdir -p src test
printf '%s\\n' 'export const total = (prices) =>' '  prices.reduce((sum, price) => sum + price, 0);' > src/total.js
printf '%s\\n' "import test from 'node:test';" "import assert from 'node:assert';" "import { total } from '../src/total.js';" \\
  "test('adds prices up', () => assert.equal(total([2, 3]), 5));" "test('of nothing is nothing', () => assert.equal(total([]), 0));" > test/total.test.js
printf '%s\\n' '{ "name": "shop", "type": "module", "scripts": { "test": "node --test" } }' > package.json
printf '%s\\n' '# Shop' '' 'Adds prices up.' > README.md
git add . && git commit -q -m 'feat: totals' && git log --oneline`;

const LONG = `for step in install lint build test; do echo "> npm run $step"; sleep 0.1; echo "  done"; done
echo "warning: 1 package is looking for funding" >&2
echo "> waiting for the review"; sleep 300`;

class Demo {
  private readonly data: BedrockAgentCoreClient;
  private readonly control: BedrockAgentCoreControlClient;
  private readonly stop = new AbortController();
  private running: Promise<unknown>[] = [];

  constructor(endpoint: string) {
    const config = { endpoint, region: 'us-east-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } };
    this.data = new BedrockAgentCoreClient(config);
    this.control = new BedrockAgentCoreControlClient(config);
  }

  public async create(name: string): Promise<{ readonly id: string; readonly arn: string }> {
    const input = {
      agentRuntimeArtifact: { containerConfiguration: { containerUri: `000000000000.dkr.ecr.us-east-1.amazonaws.com/${name}:1.4.0` } },
      roleArn: 'arn:aws:iam::000000000000:role/agent',
      networkConfiguration: { networkMode: 'PUBLIC' as const },
      environmentVariables: { LOG_LEVEL: 'info', MODEL_ID: 'a-model' },
      filesystemConfigurations: [{ sessionStorage: { mountPath: '/mnt/workspace' } }],
    };
    const made = await this.control.send(new CreateAgentRuntimeCommand({ ...input, agentRuntimeName: name }));
    const agentRuntimeId = made.agentRuntimeId!;
    await this.control.send(new CreateAgentRuntimeEndpointCommand({ agentRuntimeId, name: 'prod' }));
    await this.control.send(new UpdateAgentRuntimeCommand({ ...input, agentRuntimeId, description: 'second try' }));
    return { id: agentRuntimeId, arn: made.agentRuntimeArn! };
  }

  /** Runs shell text to its end; with `until` only until it has printed that, and leaves it running. */
  public async run(agentRuntimeArn: string, runtimeSessionId: string, script: string, until?: string): Promise<void> {
    const { stream } = await this.data.send(new InvokeAgentRuntimeCommandCommand({
      agentRuntimeArn, runtimeSessionId, body: { command: composeCommandLine({ command: script, workingDirectory: '/mnt/workspace' }) },
    }), { abortSignal: this.stop.signal });
    const events = stream![Symbol.asyncIterator]();
    let text = '';
    for (let event = await events.next(); !event.done; event = await events.next()) {
      text += event.value.chunk?.contentDelta?.stdout ?? '';
      if (until === undefined || !text.includes(until)) continue;
      // goes on being read, so that it goes on
      this.running.push((async () => { while (!(await events.next()).done); })().catch(() => undefined));
      return;
    }
  }

  public async stopSession(agentRuntimeArn: string, runtimeSessionId: string): Promise<void> {
    await this.data.send(new StopRuntimeSessionCommand({ agentRuntimeArn, runtimeSessionId }));
  }

  public async end(): Promise<void> {
    this.stop.abort();
    await Promise.all(this.running);
    this.data.destroy();
    this.control.destroy();
  }
}

async function take(page: Page, name: string): Promise<void> {
  await page.locator('.live.on').waitFor();
  await page.screenshot({ path: join(__dirname, `${name}.png`) });
  console.log(`${name}.png`);
}

async function main(): Promise<void> {
  const stateDir = mkdtempSync(join(tmpdir(), 'screenshots-'));
  const local = await startLocal({ port: PORT, stateDir, log: () => {} });
  const demo = new Demo(local.endpoint);
  const browser = await launchChromium();
  try {
    const reviewer = await demo.create('reviewer');
    const coder = await demo.create('coder');
    const [login, prices, docs] = ['ticket-4711-login-form-of-the-shop', 'ticket-4712-prices-with-currencies', 'ticket-4698-how-to-pay-by-invoice'];
    await demo.run(reviewer.arn, docs, 'echo "Looks good to me." > review.md && cat review.md');
    await demo.run(coder.arn, prices, SET_UP);
    await demo.stopSession(coder.arn, prices);
    await demo.run(coder.arn, login, SET_UP);
    await demo.run(coder.arn, login, 'npm test');
    await demo.run(coder.arn, login, 'git push origin main');
    await demo.run(coder.arn, login, LONG, 'waiting');
    const page = await browser.newPage({ viewport: SIZE, colorScheme: 'light', locale: 'en-GB', timezoneId: 'UTC' });
    await page.goto(`${local.endpoint}/_local/`);
    await take(page, 'page-overview');
    await page.getByRole('link', { name: login }).click();
    await page.locator('.output').getByText('waiting for the review').waitFor();
    await take(page, 'page-session');
  } finally {
    await browser.close();
    await demo.end();
    await local.close();
    rmSync(stateDir, { recursive: true, force: true });
  }
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
