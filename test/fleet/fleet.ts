import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { synthesize } from './fleet-app';
import { faultsFor } from './fleet-faults';
import { removeTree } from '../../src/local/sessions/remove-tree';
import { digestOf } from '../../src/local/sessions/storage';
import { FleetSummary } from '../../src/workflow-handler/contract';
import { ServerProcess } from '../local/server/support/server-process';
import { describeLeftovers, leftoversOf } from '../soak/leftovers';
import { SeededRandom } from '../util/random';

const PROGRAM = join(__dirname, '../../bin/cdk-agentcore');

/** Every so many-th command exits with this. */
const FAILING = { every: 50, exit: 3 } as const;

export interface FleetTrialOptions {
  readonly sessions: number;
  readonly maxConcurrency: number;
  /** How many calls go wrong. */
  readonly faults: number;
  readonly seed: number;
  /** The longest command, in seconds. */
  readonly longest: number;
  /** Takes what the execution prints. */
  readonly progress?: (text: string) => void;
}

export interface FleetTrial {
  readonly summary: FleetSummary;
  /** How often each kind of fault struck. */
  readonly struck: Readonly<Record<string, number>>;
  readonly picture: string;
  /** What is not as it should be. */
  readonly breaches: readonly string[];
}

interface Item {
  readonly seconds: string;
  readonly exit: string;
}

interface Row {
  readonly index: string;
  readonly sessionId: string;
  readonly outcome: string;
  readonly exitCode: string;
}

/** Runs a fleet by the bundled CLI against a local AgentCore of which calls go wrong, and looks at what has become of each. */
export async function tryFleet(options: FleetTrialOptions): Promise<FleetTrial> {
  const directory = mkdtempSync(join(realpathSync(tmpdir()), 'agentcore-fleet-'));
  mkdirSync(join(directory, 'tmp'));
  const server = await ServerProcess.start({ stateDir: join(directory, 'state'), env: { TMPDIR: join(directory, 'tmp') } });
  try {
    return await new Trial(directory, server, options).run();
  } finally {
    await server.stop();
    removeTree(directory);
  }
}

class Trial {
  private readonly items: readonly Item[];
  private readonly breaches: string[] = [];

  constructor(private readonly directory: string, private readonly server: ServerProcess, private readonly options: FleetTrialOptions) {
    const random = new SeededRandom(options.seed);
    this.items = Array.from({ length: options.sessions }, (_, n) => ({
      // most are short, some take long
      seconds: (0.05 + (options.longest - 0.05) * random.next() ** 4).toFixed(2),
      exit: String(n % FAILING.every === FAILING.every - 1 ? FAILING.exit : 0),
    }));
  }

  public async run(): Promise<FleetTrial> {
    const { directory, options: { sessions, maxConcurrency, faults, seed } } = this;
    const assembly = join(directory, 'cdk.out');
    synthesize(assembly, maxConcurrency);
    const { stacks: [{ outputs }] } = JSON.parse(await this.agentcore('local', 'deploy', assembly, '--json'));
    const { Bucket: bucket, RuntimeId: runtimeId } = outputs;
    await this.call('PUT', `objects/${bucket}/sessions.json`, JSON.stringify(this.items));
    await this.call('PUT', 'faults', JSON.stringify({ version: 1, service: faultsFor(sessions, faults, seed) }));

    const { status, output: summary, ...rest } = JSON.parse(await this.agentcore('local', 'execute', 'Fleet', '--name', 'night', '--json'));
    if (status !== 'SUCCEEDED') throw new Error(`the fleet has ended as ${status}: ${JSON.stringify(rest)}`);
    const struck = await this.struck();
    this.compare(await this.rows(bucket), runtimeId, summary);
    await this.lookForLeftovers();
    const picture = await this.call('GET', `objects/${bucket}/fleets/night/report.svg`);
    await this.agentcore('local', 'destroy', assembly, '--json');
    this.breaches.push(...describeLeftovers(leftoversOf(directory, [this.server.pid])));
    return { summary, struck, picture, breaches: this.breaches };
  }

  /** Each session is told of once, and has done once what it is told of. */
  private compare(rows: readonly Row[], runtimeId: string, summary: FleetSummary): void {
    const { items, breaches, options: { faults } } = this;
    const told = rows.map(({ index }) => Number(index)).sort((a, b) => a - b);
    if (JSON.stringify(told) !== JSON.stringify(items.map((_, i) => i))) breaches.push(`the report tells of ${told.length} items, not of each of ${items.length} once`);
    if (new Set(rows.map(({ sessionId }) => sessionId)).size !== items.length) breaches.push('two items have the same session');
    let unexpected = 0;
    for (const { index, sessionId, outcome, exitCode } of rows) {
      const { exit } = items[Number(index)];
      const lines = this.linesOf(runtimeId, sessionId);
      const isKnown = outcome === 'Succeeded' || outcome === 'CommandFailed';
      if (isKnown ? lines.join() !== sessionId : lines.length > 1) breaches.push(`item ${index} has ended as ${outcome}, and its storage holds ${JSON.stringify(lines)}`);
      if (isKnown && exitCode !== exit) breaches.push(`item ${index} has exit code ${exitCode} in the report, and ${exit} in truth`);
      if (isKnown !== (exitCode !== '')) breaches.push(`item ${index} has ended as ${outcome} with exit code ${exitCode}`);
      if (!isKnown) unexpected++;
    }
    const failing = items.filter(({ exit }) => exit !== '0').length;
    const { sessions, succeeded, failed } = summary;
    if (sessions !== items.length || succeeded + failed !== sessions || failed > failing + unexpected) breaches.push(`the summary tells ${JSON.stringify(summary)}`);
    if (unexpected > faults) breaches.push(`${unexpected} sessions have failed by ${faults} faults`);
  }

  private linesOf(runtimeId: string, sessionId: string): string[] {
    const file = join(this.directory, 'state', 'storage', digestOf({ runtimeId, endpointName: 'DEFAULT', sessionId }), 'mounts', 'workspace', 'done');
    return existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : [];
  }

  private async rows(bucket: string): Promise<Row[]> {
    const [header, ...lines] = (await this.call('GET', `objects/${bucket}/fleets/night/sessions.csv`)).trimEnd().split('\n').map((line) => line.split(','));
    return lines.map((cells) => Object.fromEntries(header.map((name, i) => [name, cells[i]])) as unknown as Row);
  }

  private async struck(): Promise<Record<string, number>> {
    const { service } = JSON.parse(await this.call('GET', 'faults')) as { service: { fault: { kind: string; error?: string; operation: string }; applied: number }[] };
    const counts: Record<string, number> = {};
    for (const { fault: { kind, error, operation }, applied } of service) {
      const name = `${kind}${error ? ` ${error}` : ''} of ${operation}`;
      counts[name] = (counts[name] ?? 0) + applied;
      if (applied !== 1) this.breaches.push(`a fault ${name} struck ${applied} times`);
    }
    return counts;
  }

  private async lookForLeftovers(): Promise<void> {
    const { sessions } = JSON.parse(await this.call('GET', 'sessions')) as { sessions: { sessionId: string }[] };
    this.breaches.push(...sessions.map(({ sessionId }) => `session ${sessionId} is still running`));
  }

  /** Runs the CLI to its end; returns what it prints to standard output. */
  private async agentcore(...args: string[]): Promise<string> {
    const { directory, server, options: { progress } } = this;
    const child = spawn(process.execPath, [PROGRAM, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      cwd: directory,
      env: { ...process.env, TMPDIR: join(directory, 'tmp'), CDK_AGENTCORE_ENDPOINT: server.endpoint },
    });
    const ended = once(child, 'close');
    const [out, err]: string[][] = [[], []];
    child.stdout.setEncoding('utf8').on('data', (text: string) => out.push(text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      err.push(text);
      progress?.(text);
    });
    const [code] = await ended;
    if (code !== 0) throw new Error(`cdk-agentcore ${args.join(' ')} exited with ${code}:\n${err.join('')}${out.join('')}`);
    return out.join('');
  }

  private async call(method: string, path: string, body?: string): Promise<string> {
    const response = await fetch(`${this.server.endpoint}/_local/${path}`, { method, body });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${text}`);
    return text;
  }
}
