import { mkdirSync, mkdtempSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describeLeftovers, leftoversOf } from './leftovers';
import { ServerUsage, usageOf } from './server-usage';
import { SoakClient } from './soak-client';
import { StorageLedger } from './storage-ledger';
import { SessionKey } from '../../src/local/sessions/contract';
import { DriverName } from '../../src/local/sessions/driver';
import { removeTree } from '../../src/local/sessions/remove-tree';
import { ServerProcess } from '../local/server/support/server-process';
import { SeededRandom } from '../util/random';

export interface SoakOptions {
  readonly sessions: number;
  /** How many sessions are worked with at the same time. */
  readonly concurrency: number;
  /** How often the server is killed on the way. */
  readonly kills: number;
  readonly seed: number;
  /** After how many minutes no further session is begun; unlimited if left out. */
  readonly minutes?: number;
  readonly driver?: DriverName;
  /** Takes a line about how far it is. */
  readonly progress?: (line: string) => void;
}

export interface SoakReport {
  readonly driver: DriverName;
  readonly sessions: number;
  readonly counts: Readonly<Record<'starts' | 'commands' | 'invocations' | 'stops' | 'resumes' | 'cuts' | 'kills' | 'repeats', number>>;
  readonly folders: number;
  /** Of the last life of the server, the longest one: before its first session, at its peak, and after its last session. */
  readonly usage: { readonly before: ServerUsage; readonly peak: ServerUsage; readonly after: ServerUsage };
  /** What is not as it should be. */
  readonly breaches: readonly string[];
}

/** Attempts at one step, each in another life of the server. */
const MAX_ATTEMPTS = 20;
/** Sessions that nobody stops, before the oldest is stopped after all. */
const MAX_ABANDONED = 24;
/** Files by which the server's stock may differ: pipes for the next commands, sockets that are just closing. */
const SPARE_FILES = 32;

interface Life {
  readonly server: ServerProcess;
  readonly client: SoakClient;
  readonly before: ServerUsage;
  killed: boolean;
}

/** Works with many sessions while the server is killed now and then, and looks at what is left. */
export async function soak(options: SoakOptions): Promise<SoakReport> {
  const directory = mkdtempSync(join(realpathSync(tmpdir()), 'agentcore-soak-'));
  try {
    mkdirSync(join(directory, 'tmp'));
    return await new Soak(directory, options).run();
  } finally {
    removeTree(directory);
  }
}

class Soak {
  private readonly ledger = new StorageLedger();
  private readonly counts = { starts: 0, commands: 0, invocations: 0, stops: 0, resumes: 0, cuts: 0, kills: 0, repeats: 0 };
  private readonly breaches: string[] = [];
  private readonly abandoned: SessionKey[] = [];
  private readonly killAt: readonly number[];
  private readonly deadline: number;
  private life!: Promise<Life>;
  private plain!: string;
  private withAgent!: string;
  private begun = 0;
  private done = 0;
  private writes = 0;
  private peak: ServerUsage = { megabytes: 0, files: 0 };

  constructor(private readonly directory: string, private readonly options: SoakOptions) {
    const random = new SeededRandom(options.seed);
    this.deadline = Date.now() + (options.minutes ?? Infinity) * 60_000;
    // the last life is left in peace, to see whether it grows
    const span = options.sessions * 0.6 / options.kills;
    this.killAt = Array.from({ length: options.kills }, (_, n) => Math.floor((n + random.next()) * span) + 1);
  }

  public async run(): Promise<SoakReport> {
    this.life = this.start();
    const { client, server } = await this.life;
    try {
      this.plain = await client.createRuntime('plain', false);
      this.withAgent = await client.createRuntime('with_agent', true);
      await Promise.all(Array.from({ length: this.options.concurrency }, () => this.work()));
      for (const key of this.abandoned.splice(0)) await this.stop(key);
      return await this.end(server.driver);
    } catch (error) {
      await (await this.life).server.kill();
      throw error;
    }
  }

  private async work(): Promise<void> {
    while (this.begun < this.options.sessions && Date.now() < this.deadline) {
      const n = this.begun++;
      await this.session(n);
      this.done++;
      if (this.killAt.includes(this.done)) await this.restart();
      if (this.done % Math.ceil(this.options.sessions / 20) === 0) await this.report();
    }
  }

  private async session(n: number): Promise<void> {
    const random = new SeededRandom(this.options.seed + n * 7919);
    const hasAgent = n % 50 === 0;
    const key = {
      runtimeId: hasAgent ? this.withAgent : this.plain,
      endpointName: 'DEFAULT',
      sessionId: `soak-${this.options.seed}-${String(n).padStart(36, '0')}`,
    };
    this.counts.starts++;
    await this.write(key);
    if (hasAgent) await this.invoke(key);
    const fate = random.next();
    if (fate < 0.2) return this.resume(key);
    if (fate < 0.3) await this.leaveInBackground(key);
    else if (fate < 0.38) await this.cut(key);
    else if (fate < 0.5) return this.abandon(key);
    return this.stop(key);
  }

  private async write(key: SessionKey): Promise<void> {
    const content = `write ${++this.writes}`;
    this.ledger.begin(key, content);
    await this.expect(key, `sh -c "printf '%s' '${content}' > /mnt/workspace/next && mv /mnt/workspace/next /mnt/workspace/last"`);
    this.ledger.acknowledge(key, content);
  }

  private async resume(key: SessionKey): Promise<void> {
    await this.stop(key);
    this.counts.resumes++;
    const stdout = await this.expect(key, 'cat /mnt/workspace/last');
    const objection = this.ledger.objection(key, stdout);
    if (objection !== undefined) this.breaches.push(`after a stop: ${objection}`);
    await this.write(key);
    await this.stop(key);
  }

  private async leaveInBackground(key: SessionKey): Promise<void> {
    await this.expect(key, 'sh -c "sleep 900 & (setsid sleep 900 &) ; echo left"');
  }

  /** The client goes away while the command runs. */
  private async cut(key: SessionKey): Promise<void> {
    this.counts.cuts++;
    this.counts.commands++;
    await this.reliably(async ({ client }) => client.run(key, 'sh -c "echo begun; sleep 900"', (stdout) => stdout.includes('begun')));
  }

  private async invoke(key: SessionKey): Promise<void> {
    this.counts.invocations++;
    const answer = await this.reliably(async ({ client }) => client.invoke(key));
    if (answer !== 'hello') this.breaches.push(`the agent of ${key.sessionId} answered ${JSON.stringify(answer)}`);
  }

  /** Leaves a session running, for a kill of the server to end. */
  private async abandon(key: SessionKey): Promise<void> {
    this.abandoned.push(key);
    if (this.abandoned.length > MAX_ABANDONED) await this.stop(this.abandoned.shift()!);
  }

  private async stop(key: SessionKey): Promise<void> {
    this.counts.stops++;
    await this.reliably(async ({ client }) => client.stop(key).catch((error) => {
      // a kill has ended it before
      if (error.name !== 'ResourceNotFoundException' || this.counts.kills === 0) throw error;
    }));
  }

  /** Runs a command that has to succeed; returns what it prints. */
  private async expect(key: SessionKey, command: string): Promise<string> {
    this.counts.commands++;
    const { exitCode, stdout, stderr } = await this.reliably(async ({ client }) => client.run(key, command));
    if (exitCode !== 0) this.breaches.push(`command ${command} of ${key.sessionId} ended with ${exitCode}: ${stderr}`);
    return stdout;
  }

  /** Takes a step, in the next life of the server where this one was killed under it. */
  private async reliably<T>(step: (life: Life) => Promise<T>): Promise<T> {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const life = await this.life;
      try {
        return await step(life);
      } catch (error) {
        if (!life.killed) throw error;
        this.counts.repeats++;
      }
    }
    throw new Error(`a step was killed ${MAX_ATTEMPTS} times`);
  }

  private async start(): Promise<Life> {
    const { directory, options: { driver } } = this;
    const server = await ServerProcess.start({ stateDir: join(directory, 'state'), driver, env: { TMPDIR: join(directory, 'tmp') } });
    return { server, client: new SoakClient(server.endpoint), before: usageOf(server.pid), killed: false };
  }

  /** Kills the server in the middle of its work; the next one has to begin with nothing left of it. */
  private async restart(): Promise<void> {
    const life = await this.life;
    this.counts.kills++;
    life.killed = true;
    this.life = life.server.kill().then(async () => {
      life.client.destroy();
      const next = await this.start();
      this.breaches.push(...(await this.leftovers(next.server.pid)).map((line) => `after kill ${this.counts.kills}: ${line}`));
      this.abandoned.length = 0;
      return next;
    });
    await this.life;
  }

  private async end(driver: DriverName): Promise<SoakReport> {
    const { server, client, before } = await this.life;
    client.destroy();
    const after = await this.settled(server.pid, before);
    if (after.files > before.files + SPARE_FILES) this.breaches.push(`the server has ${after.files} files open after its last session, before its first ${before.files}`);
    if (this.done < this.options.sessions) this.breaches.push(`there was time for ${this.done} of ${this.options.sessions} sessions`);
    const exitCode = await server.stop();
    if (exitCode !== 0) this.breaches.push(`the server ended with ${exitCode}: ${server.said.slice(-5).join(' | ')}`);
    this.breaches.push(...(await this.leftovers()).map((line) => `at the end: ${line}`));
    const { folders, wrong } = this.ledger.compare(join(this.directory, 'state'));
    this.breaches.push(...wrong);
    return { driver, sessions: this.done, counts: this.counts, folders, usage: { before, peak: this.peak, after }, breaches: this.breaches };
  }

  /** What the server uses when connections that were just closed are gone. */
  private async settled(pid: number, before: ServerUsage): Promise<ServerUsage> {
    let usage = usageOf(pid);
    for (let tries = 0; tries < 100 && usage.files > before.files + SPARE_FILES; tries++) {
      await delay(50);
      usage = usageOf(pid);
    }
    return usage;
  }

  /** What stays; processes that have just been killed take a moment to go. */
  private async leftovers(...except: number[]): Promise<string[]> {
    let found = describeLeftovers(leftoversOf(this.directory, except));
    for (let tries = 0; tries < 100 && found.length > 0; tries++) {
      await delay(50);
      found = describeLeftovers(leftoversOf(this.directory, except));
    }
    return found;
  }

  private async report(): Promise<void> {
    const { server } = await this.life;
    const { megabytes, files } = usageOf(server.pid);
    this.peak = { megabytes: Math.max(this.peak.megabytes, megabytes), files: Math.max(this.peak.files, files) };
    this.options.progress?.(`${this.done} sessions, ${this.counts.kills} kills, server ${megabytes} MB, ${files} files, ${this.breaches.length} breaches`);
  }
}
