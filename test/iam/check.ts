// Deploys small apps to a local AgentCore that judges each call by the policies in force: no call may be denied, no grant may be left
// unused, and without any one statement some step has to fail. Takes the bundles.
import { Scenario } from './scenario';
import { SCENARIOS } from './scenarios';
import { callerOf, WrittenStatement } from './statements';
import { GrantReport, IamReport, TrialResult, tryScenario } from './trial';

/** How many scenarios are gone through at once. */
const WORKERS = Number(process.env.IAM_WORKERS ?? 2);

/** Actions that AWS itself calls by these roles, and so nothing calls here. */
const CALLED_BY_AWS: readonly { readonly caller: string; readonly action: RegExp; readonly reason: string }[] = [
  {
    caller: 'state machine',
    action: /^logs:(\w*LogDelivery|\w*LogDeliveries|DescribeResourcePolicies|PutResourcePolicy|DescribeLogGroups)$/,
    reason: 'Step Functions sets up the delivery of the log of a state machine',
  },
  { caller: 'state machine', action: /^xray:/, reason: 'Step Functions sends traces' },
  {
    caller: 'state machine',
    action: /^states:(RedriveExecution|DescribeExecution|StopExecution)$/,
    reason: 'Step Functions watches and redrives the executions of a Distributed Map, and stops those that a task has started',
  },
  { caller: 'workflow function', action: /^logs:PutLogEvents$/, reason: 'Lambda writes the log of the function' },
  { caller: 'state machine', action: /^s3:(AbortMultipartUpload|ListMultipartUploadParts)$/, reason: 'Step Functions writes large results in parts' },
];

interface Need {
  readonly scenario: Scenario;
  readonly statement: WrittenStatement;
}

let good = true;

function say(isGood: boolean, line: string): void {
  good &&= isGood;
  console.log(`${isGood ? 'ok  ' : 'FAIL'} ${line}`);
}

async function main(): Promise<void> {
  console.log('All statements in force:');
  const results = new Map<Scenario, TrialResult>();
  await each(SCENARIOS, async (scenario) => {
    const result = await tryScenario(scenario);
    results.set(scenario, result);
    const { failure, report } = result;
    say(failure === undefined && report.denied === 0, `${scenario.name}: ${report.calls} calls, ${report.denied} denied${failure === undefined ? '' : `; ${failure}`}`);
    for (const denial of new Set(report.denials.map(denialText))) console.log(`       ${denial}`);
  });

  console.log('\nGrants that no call needed:');
  const reports = SCENARIOS.map((scenario) => results.get(scenario)!.report);
  const unused = unusedGrants(reports);
  for (const grant of unused) console.log(`       ${grant}`);
  say(unused.length === 0, `${unused.length} unused`);

  console.log('\nWithout one statement at a time:');
  const needs = needsOf(results);
  await each(needs, async ({ scenario, statement: { kind } }) => {
    const { failure, report } = await tryScenario(scenario, kind);
    const missed = report.denials[0];
    const outcome = missed && failure !== undefined ? denialText(missed) : `is not needed: ${failure ?? 'all comes out as it should'}`;
    say(missed !== undefined && failure !== undefined, `${short(kind)}\n       ${scenario.name}: ${outcome}`);
  });

  const total = (count: (report: IamReport) => number) => reports.reduce((sum, report) => sum + count(report), 0);
  console.log(`\niam: ${total(({ calls }) => calls)} calls, ${total(({ denied }) => denied)} denied, ${unused.length} unused grants, ${needs.length} statements taken out`);
  process.exitCode = good ? 0 : 1;
}

/** Each kind of statement once, with the first scenario that has needed it. */
function needsOf(results: ReadonlyMap<Scenario, TrialResult>): Need[] {
  const needs = new Map<string, Need>();
  for (const scenario of SCENARIOS) {
    for (const statement of results.get(scenario)!.statements) {
      const known = needs.get(statement.kind);
      const isBetter = !known || (!isUsed(results.get(known.scenario)!.report, statement) && isUsed(results.get(scenario)!.report, statement));
      if (isBetter) needs.set(statement.kind, { scenario, statement });
    }
  }
  return [...needs.values()].filter(({ statement: { kind, actions } }) => !actions.every((action) => isCalledByAws(kind, action)));
}

/** Whether a statement with these actions of the same caller has allowed something. */
function isUsed({ statements }: IamReport, { kind, actions }: WrittenStatement): boolean {
  return statements.some(({ role, statement, grants }) =>
    kind.startsWith(`${callerOf(role)}:`) && String([statement.Action].flat()) === String(actions) && grants.some(({ used }) => used > 0));
}

/** What is granted in some scenario and needed in none. */
function unusedGrants(reports: readonly IamReport[]): string[] {
  const used = new Map<string, number>();
  for (const { statements } of reports) {
    for (const { role, grants } of statements) {
      const caller = callerOf(role);
      if (caller === undefined) continue;
      for (const grant of grants) {
        if (isCalledByAws(caller, grant.action)) continue;
        const kind = `${caller}: ${grant.action} on ${resourceKind(grant)}`;
        used.set(kind, (used.get(kind) ?? 0) + grant.used);
      }
    }
  }
  return [...used].filter(([, count]) => count === 0).map(([kind]) => kind).sort();
}

function isCalledByAws(kind: string, action: string): boolean {
  return CALLED_BY_AWS.some((exception) => kind.startsWith(exception.caller) && exception.action.test(action));
}

/** A resource with the names of one app taken out of it. */
function resourceKind({ resource }: GrantReport): string {
  return resource
    .replace(/(runtime|workload-identity)\/\w+-(\?{10}|\w{10})/, '$1/NAME')
    .replace(/runtime-endpoint\/(?!DEFAULT)\w+/, 'runtime-endpoint/NAME')
    .replace(/:(log-group|function|stateMachine|execution):[\w-]+/, ':$1:NAME')
    .replace(/:(key|capacity-provider)\/[\w-]+/, ':$1/NAME')
    .replace(/:role\/(?!aws-service-role)[\w-]+/, ':role/NAME')
    .replace(/:s3:::(?!cdk-)[\w-]+/, ':s3:::NAME');
}

function denialText({ principal, operation, action, resource }: IamReport['denials'][number]): string {
  return `${operation} of the ${callerOf(principal) ?? principal} is denied ${action} on ${resource}`;
}

function short(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}

/** Does some work for each item, a few at a time. */
async function each<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const queue = [...items];
  await Promise.all(Array.from({ length: WORKERS }, async () => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
  }));
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
