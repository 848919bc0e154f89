// Deploys small apps to a local AgentCore that judges each call by the policies in force: no call may be denied, no grant may be left
// unused, and without any one statement some step has to fail. Takes the bundles.
import { GrantReport, IamReport, tryScenario } from './trial';
import { Scenario } from './scenario';
import { SCENARIOS } from './scenarios';
import { StatementSite } from './statements';

/** How many scenarios are gone through at once. */
const WORKERS = Number(process.env.IAM_WORKERS ?? 2);

/** Actions of which a local deployment calls none, each with the reason. */
const NOT_CALLED: readonly { readonly action: RegExp; readonly reason: string }[] = [
  { action: /^logs:(\w*LogDelivery|\w*LogDeliveries|DescribeResourcePolicies|PutResourcePolicy|DescribeLogGroups)$/, reason: 'Step Functions itself sets up the delivery of the log of a state machine' },
  { action: /^xray:/, reason: 'Step Functions itself sends traces' },
  { action: /^states:RedriveExecution$/, reason: 'only a redrive of a Distributed Map by Step Functions calls it' },
];

interface Need {
  readonly scenario: Scenario;
  readonly site: StatementSite;
}

async function main(): Promise<boolean> {
  const needs = new Map<string, Need>();
  const reports: IamReport[] = [];
  let good = true;
  const say = (isGood: boolean, line: string) => {
    good &&= isGood;
    console.log(`${isGood ? 'ok  ' : 'FAIL'} ${line}`);
  };

  console.log('All statements in force:');
  await each(SCENARIOS, async (scenario) => {
    const { failure, report, statements } = await tryScenario(scenario);
    reports.push(report);
    for (const site of statements) if (!needs.has(site.kind)) needs.set(site.kind, { scenario, site });
    say(failure === undefined && report.denied === 0, `${scenario.name}: ${report.calls} calls, ${report.denied} denied${failure === undefined ? '' : `; ${failure}`}`);
    for (const denial of new Set(report.denials.map(denialText))) console.log(`       ${denial}`);
  });

  console.log('\nGrants that no call needed:');
  const unused = unusedGrants(reports);
  for (const grant of unused) console.log(`FAIL ${grant}`);
  say(unused.length === 0, `${unused.length} unused`);

  console.log('\nWithout one statement at a time:');
  const judged = [...needs].filter(([, { site }]) => !isNotCalled(site));
  await each(judged, async ([kind, { scenario, site }]) => {
    const { failure, report } = await tryScenario(scenario, site);
    const missed = report.denials[0];
    say(failure !== undefined && missed !== undefined, `${short(kind)}\n       ${missed && failure
      ? `${scenario.name}: ${denialText(missed)}`
      : `is not needed: ${scenario.name} comes out as it should without it${failure === undefined ? '' : `, or fails for another reason: ${failure}`}`}`);
  });

  const total = (count: (report: IamReport) => number) => reports.reduce((sum, report) => sum + count(report), 0);
  console.log(`\niam: ${total(({ calls }) => calls)} calls, ${total(({ denied }) => denied)} denied, ${unused.length} unused grants, ${judged.length} statements taken out`);
  return good;
}

/** What is granted in some scenario and needed in none. */
function unusedGrants(reports: readonly IamReport[]): string[] {
  const used = new Map<string, number>();
  for (const { statements } of reports) {
    for (const { role, grants } of statements) {
      for (const grant of grants) {
        const kind = `${roleKind(role)}: ${grant.action} on ${resourceKind(grant)}`;
        if (NOT_CALLED.some(({ action }) => action.test(grant.action))) continue;
        used.set(kind, (used.get(kind) ?? 0) + grant.used);
      }
    }
  }
  return [...used].filter(([, count]) => count === 0).map(([kind]) => kind).sort();
}

function denialText({ principal, operation, action, resource }: IamReport['denials'][number]): string {
  return `${operation} of ${roleKind(principal.split('/')[1])} is denied ${action} on ${resource}`;
}

function isNotCalled({ statement: { Action } }: StatementSite): boolean {
  return [Action].flat().every((name) => NOT_CALLED.some(({ action }) => action.test(name)));
}

/** Names of roles end with something random. */
function roleKind(role: string): string {
  return role.replace(/-[A-Za-z0-9]+$/, '').replace(/[0-9A-F]{8}$/, '');
}

function resourceKind({ resource }: GrantReport): string {
  return resource
    .replace(/\btrial\w*-/g, 'NAME-')
    .replace(/runtime-endpoint\/(?!DEFAULT)\w+/g, 'runtime-endpoint/NAME')
    .replace(/\bTrial-(\w+?)(?:[0-9A-F]{8})?-\w+/gi, 'Trial-$1')
    .replace(/stack\/Trial\/[\w-]+/, 'stack/Trial');
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

main().then((good) => { process.exitCode = good ? 0 : 1; }, (error) => {
  console.error(error);
  process.exitCode = 1;
});
