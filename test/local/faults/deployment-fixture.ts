import { createServer, Server, ServerResponse } from 'node:http';
import { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Clock } from '../../../src/client/clock';
import { deploy, destroy, StackEvent } from '../../../src/local/deployer';
import { Template } from '../../../src/local/deployer/template/template';
import { parseDeploymentFaults } from '../../../src/local/faults/deployment-faults';
import { DeploymentInjector } from '../../../src/local/faults/deployment-injector';
import { FakeEndpoint } from '../deployer/fake-endpoint';
import { scratchDirectory, writeFiles } from '../deployer/scratch';

/**
 * Does what the list `On<RequestType>` of its properties says, one step after the other: `log x`, `wait gate`,
 * `open gate`, `hang`, `throw`, `remaining`, `event`, `require module`, `import module`, `answer`, `answer {…}`. `Patience` is how many milliseconds its first answer may take.
 */
const HANDLER = `
  let puts = 0;
  const put = async (event, more) => {
    const body = JSON.stringify({
      Status: 'SUCCESS', PhysicalResourceId: event.PhysicalResourceId ?? 'real-' + event.LogicalResourceId, StackId: event.StackId,
      RequestId: event.RequestId, LogicalResourceId: event.LogicalResourceId, ...more,
    });
    return new Promise((resolve) => {
      const request = require('node:http').request(event.ResponseURL,
        { method: 'PUT', headers: { 'content-type': '', 'content-length': Buffer.byteLength(body) }, timeout: puts++ === 0 && event.RequestType === 'Create' ? Number(event.ResourceProperties.Patience ?? 0) : 0 },
        (response) => { response.resume(); response.on('end', () => resolve(response.statusCode)); });
      request.on('timeout', () => request.destroy(Object.assign(new Error(), { code: 'GIVEN UP' })));
      request.on('error', (error) => resolve(error.code));
      request.end(body);
    });
  };
  exports.handler = async (event, context) => {
    const { ServiceToken, Gates, Steps, ...properties } = event.ResourceProperties;
    console.log([event.RequestType, event.LogicalResourceId, event.PhysicalResourceId ?? '-'].join(' '));
    for (const step of (properties['On' + event.RequestType] ?? ['answer'])) {
      const [word, rest] = [step.split(' ')[0], step.slice(step.indexOf(' ') + 1)];
      if (word === 'log') console.log(rest);
      if (word === 'wait' || word === 'open') await (await fetch(Gates + '/' + word + '/' + rest)).text();
      if (word === 'hang') await new Promise(() => setInterval(() => {}, 1000));
      if (word === 'throw') throw new Error('as told');
      if (word === 'remaining') console.log('remaining ' + (context.getRemainingTimeInMillis() <= Number(rest)));
      if (word === 'event') console.log(JSON.stringify([properties, event.OldResourceProperties, event.PhysicalResourceId]));
      if (word === 'require') try { console.log('found ' + require(rest)); } catch (error) { console.log(error.code); }
      if (word === 'import') try { console.log('found ' + (await import(rest)).default); } catch (error) { console.log(error.code); }
      if (word === 'answer') console.log('PUT ' + await put(event, rest === 'answer' ? {} : JSON.parse(rest)));
    }
  };`;

/** Doors at which functions wait until somebody opens them. */
export class Gates {
  private readonly opened = new Set<string>();
  private readonly waiting: { readonly name: string; readonly response: ServerResponse }[] = [];
  private readonly watchers: (() => void)[] = [];
  private readonly arrivals = new Set<string>();
  private readonly server: Server = createServer((request, response) => {
    const [, word, name] = request.url!.split('/');
    if (word === 'wait') {
      this.waiting.push({ name, response });
      this.arrivals.add(name);
      this.watchers.splice(0).forEach((notify) => notify());
      if (this.opened.has(name)) this.open(name);
    } else {
      this.open(name);
      response.end();
    }
  });

  public async start(): Promise<void> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
  }

  public get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  public open(name: string): void {
    this.opened.add(name);
    this.waiting.filter((waiter) => waiter.name === name).forEach(({ response }) => response.end());
  }

  public async reached(name: string): Promise<void> {
    while (!this.arrivals.has(name)) await new Promise<void>((resolve) => this.watchers.push(resolve));
  }

  public async stop(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.server.close(() => resolve());
      this.server.closeAllConnections();
    });
  }
}

/** The properties of one custom resource: its steps by request type, and whatever else. */
export type Thing = Readonly<Record<string, unknown>> & { readonly after?: string };

/** A local deployment with a fault plan, of stack `Demo`, whose custom resources follow steps. */
export class Trial {
  public static async begin(): Promise<Trial> {
    const trial = new Trial(await FakeEndpoint.start());
    await trial.gates.start();
    return trial;
  }

  public readonly gates = new Gates();
  public readonly events: StackEvent[] = [];
  public lines: string[] = [];
  public readonly notices: string[] = [];
  /** Of the last operation. */
  public injector!: DeploymentInjector;
  public readonly stateDir = join(scratchDirectory(), 'stacks');

  private constructor(public readonly endpoint: FakeEndpoint) {}

  public async deploy(
    things: Readonly<Record<string, Thing>>, faults: readonly object[] = [], more: { clock?: Clock; retries?: number; timeout?: number } = {},
  ) {
    const injector = this.inject(faults, more.clock);
    const { stacks: [result] } = await deploy({ ...this.options, assemblyDirectory: this.assembly(things, more) }, injector.parts);
    return result;
  }

  public async destroy(faults: readonly object[] = []) {
    const { stacks: [result] } = await destroy(this.options, this.inject(faults).parts);
    return result;
  }

  /** Which events were sent, in the order in which their functions began. */
  public get calls(): string[] {
    return this.lines.filter((line) => /^(Create|Update|Delete) /.test(line));
  }

  public async end(): Promise<void> {
    await this.gates.stop();
    await this.endpoint.stop();
  }

  private get options() {
    return {
      endpoint: this.endpoint.url,
      stateDir: this.stateDir,
      onEvent: (event: StackEvent) => { this.events.push(event); },
      onLog: ({ line }: { line: string }) => { this.lines.push(line); },
    };
  }

  private inject(plan: readonly object[], clock?: Clock): DeploymentInjector {
    const { faults, errors } = parseDeploymentFaults(plan);
    expect(errors).toEqual([]);
    this.injector = new DeploymentInjector(faults, { clock, onNotice: (notice) => { this.notices.push(notice); } });
    return this.injector;
  }

  /** An app with these resources, as `cdk synth` leaves it. */
  public assembly(things: Readonly<Record<string, Thing>>, { retries = 0, timeout = 30 }: { retries?: number; timeout?: number } = {}): string {
    const token = { 'Fn::GetAtt': ['Fn', 'Arn'] };
    const template: Template = {
      Resources: {
        Fn: {
          Type: 'AWS::Lambda::Function',
          Properties: { Code: { S3Bucket: 'assets', S3Key: 'code.zip' }, Handler: 'index.handler', Runtime: 'nodejs22.x', Timeout: timeout },
        },
        Retries: { Type: 'AWS::Lambda::EventInvokeConfig', Properties: { FunctionName: { Ref: 'Fn' }, Qualifier: '$LATEST', MaximumRetryAttempts: retries } },
        ...Object.fromEntries(Object.entries(things).map(([id, { after, ...properties }]) => [id, {
          Type: 'Custom::Thing',
          Properties: { ServiceToken: token, Gates: this.gates.url, ...properties },
          DependsOn: ['Retries', ...(after ? [after] : [])],
        }])),
      },
    };
    return writeFiles(scratchDirectory(), {
      'manifest.json': JSON.stringify({
        version: '53.0.0',
        artifacts: {
          'Demo.assets': { type: 'cdk:asset-manifest', properties: { file: 'Demo.assets.json' } },
          'Demo': { type: 'aws:cloudformation:stack', environment: 'aws://unknown-account/unknown-region', properties: { templateFile: 'Demo.json' }, dependencies: ['Demo.assets'] },
        },
      }),
      'Demo.json': JSON.stringify(template),
      'Demo.assets.json': JSON.stringify({ files: { c: { source: { path: 'code', packaging: 'zip' }, destinations: { d: { bucketName: 'assets', objectKey: 'code.zip' } } } } }),
      'code/index.js': HANDLER,
      'code/node_modules/@aws-sdk/some/index.js': 'module.exports = "some";',
      'code/node_modules/other/index.js': 'module.exports = "other";',
    });
  }
}
