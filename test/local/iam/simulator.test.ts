import { runSimulation } from '@cloud-copilot/iam-simulate';
import { Pair, Pairs } from './support/pairs';
import { SIMULATOR_RULES, SimulatorRule } from './support/simulator-rules';
import { subjects } from './support/subjects';
import { evaluate } from '../../../src/local/iam/evaluate';
import { readPolicyDocument } from '../../../src/local/iam/policy';
import { SeededRandom } from '../../util/random';

const PAIRS = Number(process.env.IAM_PAIRS ?? 10_000);
const SEED = process.env.FAST_CHECK_SEED === 'random' ? Date.now() : Number(process.env.FAST_CHECK_SEED ?? 20_261_122);

/** The policy that keys have by default: it leaves it to the policies of identities. */
const KEY_POLICY = {
  Version: '2012-10-17',
  Statement: { Effect: 'Allow', Principal: { AWS: 'arn:aws:iam::111122223333:root' }, Action: 'kms:*', Resource: '*' },
};

/** Requests about which the simulator answers another question. */
const WITHOUT_READING = SIMULATOR_RULES.find(({ name }) => name.startsWith('request resources with *'))!;

interface Simulated {
  readonly result: string;
  /** Keys of the request that the simulator leaves out. */
  readonly ignored: readonly string[];
}

async function simulate({ policies, boundary, request: { action, resource, context } }: Pair): Promise<Simulated> {
  const simulated = await runSimulation({
    request: {
      principal: 'arn:aws:iam::111122223333:role/deployer',
      action,
      resource: { resource, accountId: '111122223333' },
      contextVariables: context as Record<string, string | string[]>,
    },
    identityPolicies: policies.map((policy, index) => ({ name: `${index}`, policy })),
    ...boundary && { permissionBoundaryPolicies: [{ name: 'boundary', policy: boundary }] },
    ...action.startsWith('kms:') && { resourcePolicy: KEY_POLICY },
    serviceControlPolicies: [],
    resourceControlPolicies: [],
  }, {});
  if (simulated.resultType === 'error') throw new Error(`${JSON.stringify(simulated.errors)} of ${action} on ${resource}`);
  const results = simulated.resultType === 'single' ? [simulated.result] : simulated.results;
  return { result: simulated.overallResult, ignored: results.flatMap(({ ignoredContextKeys }) => ignoredContextKeys ?? []) };
}

function judge({ policies, boundary, request }: Pair): string {
  const decision = evaluate({ policies, boundary }, request);
  if (decision.allowed) return 'Allowed';
  return decision.because === 'explicitDeny' || decision.because === 'boundaryDeny' ? 'ExplicitlyDenied' : 'ImplicitlyDenied';
}

function readBy(rules: readonly SimulatorRule[], pair: Pair, ignored: readonly string[]): Pair {
  return rules.reduce((given, { reading }) => reading?.(given, ignored) ?? given, pair);
}

test(`${PAIRS} random policies and requests are judged as by the simulator, but for its own rules`, async () => {
  const pairs = new Pairs(new SeededRandom(SEED), await subjects());
  const results: Record<string, number> = {};
  const rules = new Map(SIMULATOR_RULES.map(({ name, page }) => [name, { page, concerned: 0, decisive: 0 }]));
  const disagreements: string[] = [];
  for (let count = 0; count < PAIRS; count++) {
    const pair = pairs.next();
    pair.policies.forEach((policy) => readPolicyDocument(policy, 'random'));
    const { result, ignored } = await simulate(pair);
    results[result] = (results[result] ?? 0) + 1;
    const concerned = SIMULATOR_RULES.filter(({ concerns }) => concerns(pair, ignored));
    const read = readBy(concerned, pair, ignored);
    const ours = judge(read);
    for (const rule of concerned) {
      const counts = rules.get(rule.name)!;
      counts.concerned++;
      // what only this rule explains; beside a rule without a reading nothing can be told of the others
      const explains = concerned.includes(WITHOUT_READING) ? rule === WITHOUT_READING : rule.reading !== undefined;
      if (explains && judge(readBy(concerned.filter((other) => other !== rule), pair, ignored)) !== result) counts.decisive++;
    }
    if (ours !== result && !concerned.includes(WITHOUT_READING)) {
      disagreements.push(`${ours} instead of ${result}, by the rules ${concerned.map(({ name }) => name).join(', ') || 'of IAM alone'}: ${JSON.stringify(pair)}`);
    }
  }
  if (process.env.IAM_PAIRS) {
    const lines = [...rules].map(([name, { concerned, decisive }]) => `  ${name}: has a say in ${concerned}, decides ${decisive}`);
    process.stdout.write(`${PAIRS} pairs, ${disagreements.length} disagreements, ${JSON.stringify(results)}; rules of the simulator's own:\n${lines.join('\n')}\n`);
  }
  expect(disagreements).toEqual([]);
  // random input that says nothing would agree, too
  for (const result of ['Allowed', 'ImplicitlyDenied', 'ExplicitlyDenied']) expect(results[result]).toBeGreaterThan(PAIRS / 10);
  // a rule of the table that has nothing to say has to go
  expect([...rules].filter(([, { concerned }]) => concerned === 0)).toEqual([]);
}, 600_000);

test.each(SIMULATOR_RULES.map(({ name, page }) => [name, page]))('the rule "%s" has a page of AWS against it', (_, page) => {
  expect(page).toMatch(/^https:\/\/docs\.aws\.amazon\.com\/IAM\/latest\/UserGuide\/reference_policies_[a-z_-]+\.html(#[A-Za-z_-]+)?$/);
});
