// Runs the loop against the stack that `cdk deploy --outputs-file outputs.json` has deployed, or against the runtime whose ARN is
// given; CDK_AGENTCORE_ENDPOINT names a local AgentCore.
import { untilGreen } from './loop';
import { AgentSession } from '../../src/client';

const [runtimeArn] = process.argv.slice(2);
const session = runtimeArn ? AgentSession.of({ runtimeArn }) : AgentSession.fromStack({ outputsFile: 'outputs.json', stack: 'AgentLoop' });

async function main(): Promise<void> {
  const result = await untilGreen(session, 'write a function that gives the median of numbers', {
    test: 'node --test --test-reporter tap',
    cwd: '/mnt/workspace/project',
    rounds: 6,
    onRound: (round, said, { exitCode }) => console.log(`${round}. the agent ${said}; its tests exit with ${exitCode}`),
  });
  console.log((await session.run('cat median.js', { cwd: '/mnt/workspace/project' })).stdout);
  process.exitCode = result.ok ? 0 : 1;
}

main()
  .finally(async () => {
    await session.stop();
    session.close();
  })
  .catch((error) => {
    console.error(error.message, error.nextStep ?? '');
    process.exitCode = 1;
  });
