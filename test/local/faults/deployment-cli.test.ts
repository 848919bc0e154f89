import { join } from 'node:path';
import { Trial } from './deployment-fixture';
import { localProgram } from '../../../src/cli/local';
import { scratchDirectory, writeFiles } from '../deployer/scratch';

let trial: Trial;
let told: string;
beforeEach(async () => {
  trial = await Trial.begin();
  told = '';
  jest.spyOn(process.stderr, 'write').mockImplementation((text) => {
    told += String(text);
    return true;
  });
  jest.spyOn(process.stdout, 'write').mockImplementation((...args: unknown[]) => {
    const written = args.at(-1);
    if (typeof written === 'function') written();
    return true;
  });
});
afterEach(async () => {
  jest.restoreAllMocks();
  await trial.end();
});

async function local(words: readonly string[], plan: object): Promise<void> {
  const file = join(writeFiles(scratchDirectory(), { 'plan.json': JSON.stringify({ version: 1, ...plan }) }), 'plan.json');
  await localProgram().exitOverride().parseAsync([...words, '--endpoint', trial.endpoint.url, '--state', trial.stateDir, '--json', '--faults', file], { from: 'user' });
}

test('`--faults` applies the plan to deploy and destroy, and tells what it did and did not', async () => {
  const assembly = trial.assembly({ Thing: {} });
  const deployment = [{ kind: 'fail', logicalId: 'Thing' }, { kind: 'crash', logicalId: 'Nobody' }];
  await expect(local(['deploy', assembly], { deployment })).rejects.toThrow('Demo is ROLLBACK_COMPLETE: Thing: failed by the fault plan');
  expect(told).toContain('note: fault plan: deployment[0] fail: Thing Create: failed after CREATE_COMPLETE\n');
  expect(told).toContain('note: fault plan: deployment[1] crash: was not applied;');

  await local(['deploy', assembly], {});
  await local(['destroy'], { deployment: [{ kind: 'repeatDelete', logicalId: 'Thing' }] });
  expect(told).toContain('deployment[0] repeatDelete: Thing Delete: Delete 2 succeeded\n');
});

test('a plan that says something else is refused before anything happens', async () => {
  await expect(local(['deploy', trial.assembly({ Thing: {} })], { deployment: [{ kind: 'explode' }] })).rejects.toThrow('deployment[0].kind: got "explode"; use one of');
  expect(trial.endpoint.objects.size).toBe(0);
});
