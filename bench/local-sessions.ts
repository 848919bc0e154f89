// Sessions of the local AgentCore against a prototype by hand that does the same with unshare and nsenter, as ratios within one
// run; many commands at once; and the memory while one command prints a gigabyte. Needs root on Linux.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { BareSession } from './local-sessions/bare';
import { createSessions, LocalSessions } from '../src/local/sessions';
import { CommandSink, VersionSpec } from '../src/local/sessions/contract';
import { withLifecycleDefaults } from '../src/service/lifecycle';

const SESSIONS = Number(process.env.BENCH_SESSIONS ?? 60);
const COMMANDS = Number(process.env.BENCH_COMMANDS ?? 300);
const AT_ONCE = 200;
const GIGABYTE = 1_000_000_000;
const GOAL = 1.2;

// not below /tmp, where nobody would have to hide it
const home = mkdtempSync('/var/tmp/bench-sessions-');
const version: VersionSpec = {
  runtimeId: 'coder-0123456789', version: '1', protocol: 'HTTP', environment: { GREETING: 'hello' }, lifecycle: withLifecycleDefaults(), storageMounts: ['/mnt/workspace'],
};

class Output implements CommandSink {
  public text = '';
  public onStart(): void { /* only the output counts */ }
  public onStdout(chunk: Buffer): void { this.text += chunk.toString(); }
  public onStderr(chunk: Buffer): void { this.text += chunk.toString(); }
}

const key = (n: number | string) => ({ runtimeId: version.runtimeId, endpointName: 'DEFAULT', sessionId: `session-of-at-least-33-characters-${n}` });

async function run(
  sessions: LocalSessions, n: number | string, command: string, sink: CommandSink = new Output(), timeoutSeconds = 600,
): Promise<void> {
  const { exitCode, status } = await sessions.run(key(n), version, { command, timeoutSeconds }, sink);
  if (exitCode !== 0) throw new Error(`${command} ended with ${status} ${exitCode}`);
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const begun = process.hrtime.bigint();
  await work();
  return Number(process.hrtime.bigint() - begun) / 1e6;
}

const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

interface Ways { readonly bare: () => Promise<unknown>; readonly ours: () => Promise<unknown>; readonly after?: () => Promise<unknown> }

/** Both ways in turns, so that whatever else the machine does falls on both alike. */
async function compare(what: string, rounds: number, { bare, ours, after }: Ways): Promise<void> {
  const millis = { bare: [] as number[], ours: [] as number[] };
  const warming = Math.ceil(rounds / 10);
  for (let round = -warming; round < rounds; round++) {
    for (const way of round % 2 ? ['bare', 'ours'] as const : ['ours', 'bare'] as const) {
      const took = await timed(way === 'bare' ? bare : ours);
      if (round >= 0) millis[way].push(took);
    }
    await after?.();
  }
  const [byHand, own] = [median(millis.bare), median(millis.ours)];
  const ratio = own / byHand;
  console.log(`| ${what}, median of ${rounds} (ms) | ${byHand.toFixed(2)} | ${own.toFixed(2)} | ${ratio.toFixed(2)} (at most ${GOAL})${ratio > GOAL ? ' MISSED' : ''} |`);
}

async function main(): Promise<void> {
  const stateDir = join(home, 'state');
  const [base, storage] = ['base', 'storage'].map((name) => join(home, name));
  for (const directory of [base, storage]) mkdirSync(directory);
  const sessions = await createSessions({ stateDir, driver: 'namespace-root', log: () => undefined });
  const bareOnes: BareSession[] = [];
  try {
    console.log('| | by hand | session | ratio |\n|---|---|---|---|');
    const bare = await BareSession.start(base, storage, stateDir);
    bareOnes.push(bare);
    await run(sessions, 'commands', 'true');
    await compare('command', COMMANDS, { bare: () => bare.run('true'), ours: () => run(sessions, 'commands', 'true') });

    let started = 0;
    await compare('session start and its first command', SESSIONS, {
      bare: async () => {
        const other = join(home, `base-${started}`);
        mkdirSync(other);
        const session = await BareSession.start(other, storage, stateDir);
        bareOnes.push(session);
        await session.run('true');
      },
      ours: () => run(sessions, started, 'true'),
      after: async () => {
        await Promise.all([bareOnes.pop()!.stop(), sessions.stop(key(started))]);
        started++;
      },
    });

    const outputs = Array.from({ length: AT_ONCE }, () => new Output());
    const together = await timed(() => Promise.all(outputs.map((output, n) => run(sessions, `many-${n % 4}`, `echo ${n}`, output))));
    const right = outputs.filter(({ text }, n) => text === `${n}\n`).length;
    console.log(`\n${AT_ONCE} commands at once in 4 sessions: ${right} ended with their output, ${(together / 1000).toFixed(1)} s in all.`);

    const peaks: number[] = [];
    let bytes = 0;
    const took = await timed(() => run(sessions, 'large', `head -c ${GIGABYTE} /dev/zero`, {
      onStart: () => undefined,
      onStdout: (chunk) => {
        const tenth = Math.min(9, Math.floor(10 * bytes / GIGABYTE));
        bytes += chunk.length;
        peaks[tenth] = Math.max(peaks[tenth] ?? 0, process.memoryUsage.rss());
      },
      onStderr: () => undefined,
    }));
    console.log(`Memory while one command prints ${bytes} bytes, its peak in each tenth (MB): ${peaks.map((peak) => (peak / 2 ** 20).toFixed(0)).join(', ')}; ${(took / 1000).toFixed(1)} s.`);
    if (right !== AT_ONCE || bytes !== GIGABYTE) process.exitCode = 1;
  } finally {
    await Promise.all([...bareOnes.map((session) => session.stop()), sessions.close()]);
    rmSync(home, { recursive: true, force: true });
  }
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
