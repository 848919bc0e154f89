// One measurement; prints one line of JSON.
import { BedrockAgentCoreClient, InvokeAgentRuntimeCommandCommand } from '@aws-sdk/client-bedrock-agentcore';
import { AgentSession } from '../../src/client';
import { composeCommandLine } from '../../src/service/command-line';

const [what, endpoint, ...rest] = process.argv.slice(2);
const runtimeArn = 'arn:aws:bedrock-agentcore:us-east-1:000000000000:runtime/coder-0123456789';
const sessionId = 'a-session-id-of-at-least-33-characters';

const client = new BedrockAgentCoreClient({ endpoint, region: 'us-east-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' }, maxAttempts: 1 });
const session = AgentSession.of({ runtimeArn, sessionId, endpoint });

const ways = {
  async bare(bytes: number): Promise<number> {
    const { stream } = await client.send(new InvokeAgentRuntimeCommandCommand({
      agentRuntimeArn: runtimeArn, runtimeSessionId: sessionId, body: { command: composeCommandLine({ command: `bytes=${bytes}` }) },
    }));
    let characters = 0;
    for await (const event of stream!) characters += event.chunk?.contentDelta?.stdout?.length ?? 0;
    return characters;
  },
  async run(bytes: number): Promise<number> {
    return (await session.run(`bytes=${bytes}`)).characters.stdout;
  },
};
type Way = keyof typeof ways;

/** What each call took of the processor, the warming ones too. */
const cpuMillis: Record<Way, number[]> = { bare: [], run: [] };

async function timed(way: Way, bytes: number): Promise<number> {
  const cpuBefore = process.cpuUsage();
  const begun = process.hrtime.bigint();
  const characters = await ways[way](bytes);
  const millis = Number(process.hrtime.bigint() - begun) / 1e6;
  const { user, system } = process.cpuUsage(cpuBefore);
  cpuMillis[way].push((user + system) / 1e3);
  if (characters < bytes) throw new Error(`${characters} of ${bytes} characters came`);
  return millis;
}

const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

/** Both ways in turns, so that whatever else the machine does falls on both alike. */
async function inTurns(rounds: number, warming: number, bytes: number): Promise<Record<Way, number[]>> {
  const millis: Record<Way, number[]> = { bare: [], run: [] };
  for (let round = -warming; round < rounds; round++) {
    const order: Way[] = round % 2 ? ['bare', 'run'] : ['run', 'bare'];
    for (const way of order) {
      const took = await timed(way, bytes);
      if (round >= 0) millis[way].push(took);
    }
  }
  return millis;
}

const measurements: Record<string, () => Promise<unknown>> = {
  async throughput() {
    const [rounds, bytes] = rest.map(Number);
    const { bare, run } = await inTurns(rounds, 2, bytes);
    const cpu = { bare: median(cpuMillis.bare), run: median(cpuMillis.run) };
    return { bare: median(bare), run: median(run), ratio: median(bare.map((millis, i) => millis / run[i])), cpu };
  },
  async latency() {
    const millis = await inTurns(Number(rest[0]), 300, 0);
    const [bare, run] = [median(millis.bare), median(millis.run)];
    return { bare, run, ratio: run / bare };
  },
  async memory() {
    const bytes = Number(rest[0]);
    const peaks: number[] = [];
    let seen = 0;
    const result = await session.run(`bytes=${bytes}`, {
      onStdout(text) {
        const tenth = Math.min(9, Math.floor(10 * seen / bytes));
        seen += text.length;
        peaks[tenth] = Math.max(peaks[tenth] ?? 0, process.memoryUsage.rss());
      },
    });
    return { peaks, characters: result.characters.stdout };
  },
};

measurements[what]()
  .then((result) => console.log(JSON.stringify(result)))
  .finally(() => {
    client.destroy();
    session.close();
  })
  .catch((error) => {
    console.error(error);
    process.exitCode = 1;
  });
