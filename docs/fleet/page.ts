import { Outcome, Scenario, MEASURED, outcomeOf, SESSIONS, SPREAD } from './scenarios';
import { FLEET_QUOTAS, Quota } from '../../src/service/quotas';

const REGIONS = ['us-east-1', 'eu-central-1'];

/** How long the typical command takes, in seconds. */
const TYPICAL = [10, 60, 300, 900, 1_800];

/** What another quota would change. */
const RAISED: readonly Scenario[] = [
  { region: 'us-east-1', typical: 10, raised: { newSessions: 100 } },
  { region: 'us-east-1', typical: 10, raised: { newSessions: 100, functionsAtOnce: 4_000 } },
  { region: 'us-east-1', typical: 60, raised: { functionsAtOnce: 4_000 } },
  { region: 'us-east-1', typical: 60, raised: { newSessions: 100, functionsAtOnce: 4_000, activeSessions: 10_000 } },
  { region: 'us-east-1', typical: 1_800, raised: { activeSessions: 10_000 } },
  { region: 'us-east-1', typical: 1_800, raised: { activeSessions: 20_000 } },
];

/** The page and its picture; the same quotas always give the same bytes. */
export interface Page {
  readonly text: string;
  readonly picture: string;
}

export function writePage(progress: (line: string) => void): Page {
  const run = (scenario: Scenario) => {
    const outcome = outcomeOf(scenario);
    progress(`${scenario.region}, ${timeOf(scenario.typical)}: ${timeOf(outcome.seconds)}, ${outcome.binding.name}`);
    return outcome;
  };
  const asGiven = REGIONS.flatMap((region) => TYPICAL.map((typical) => run({ region, typical })));
  const raised = RAISED.map(run);
  return { text: textOf(asGiven, raised), picture: pictureOf(asGiven) };
}

function textOf(asGiven: readonly Outcome[], raised: readonly Outcome[]): string {
  const count = SESSIONS.toLocaleString('en-US');
  return `<!-- written by \`npm run docs:fleet\` -->
# How long a fleet of ${count} sessions takes

No machine runs ${count} sessions, and no account was tried. What can be told beforehand is what the quotas allow: this page works through a
\`CommandFleet\` of ${count} sessions in virtual time, state by state, against the quotas of one account and region, which it has to itself.

![How long ${count} sessions take, and which quota binds](fleet/at-scale.svg)

| the typical command | ${REGIONS.map((region) => `${region} |`).join(' ')}
|---|${REGIONS.map(() => '---|').join('')}
${TYPICAL.map((typical) => `| ${timeOf(typical)} | ${asGiven.filter(({ scenario }) => scenario.typical === typical).map((outcome) => `${resultOf(outcome)} |`).join(' ')}`).join('\n')}

Each cell tells how long the whole takes, which quota binds, and how much of it was used; what is missing to 100 % is the beginning, when not all
sessions are active yet, and the end, when the last long commands are waited for.

## With other quotas

| region | the typical command | raised | result |
|---|---|---|---|
${raised.map((outcome) => `| ${outcome.scenario.region} | ${timeOf(outcome.scenario.typical)} | ${raisedOf(outcome.scenario)} | ${resultOf(outcome)} |`).join('\n')}

## The quotas

As \`src/service/quotas.ts\` has them, for constructs and simulation alike:

| quota | value | raised on request | told by |
|---|---|---|---|
${Object.values<Quota>(FLEET_QUOTAS).map(rowOf).join('\n')}

## What is simulated

- **The states** of an item: a call of the function that begins it, its turn, the call that starts the command and listens for 20 seconds, a
  short call after each pause of 5 to 60 seconds while it runs, and the call that stops the session. The pauses and the times of listening are
  those of the state machine and the function themselves.
- **The concurrency** is the quota of active sessions, or that of a Distributed Map where it is less; \`startsPerSecond\` is the quota of new sessions.
- **Commands** take different times: half of them are within a factor of ${SPREAD} of the typical one, none takes more than an hour. The numbers come from a
  seed, so that each run gives the same page.
- **Machines**: a session takes ${MEASURED.start} seconds to start and ${MEASURED.stop} to stop, as others have measured it; to begin an item takes ${MEASURED.begin} seconds.
- **What a quota does not allow yet waits**, first come, first served. In truth it is refused and tried again, which takes longer, most of all where the
  functions at once are what binds. Nothing fails, and nothing else runs in the account.

The [simulator](fleet/simulate.ts) is checked by [tests](../test/docs/fleet-at-scale.test.ts): no quota is ever passed, and no fleet is
faster than each quota alone would allow.
`;
}

function resultOf({ seconds, binding, share }: Outcome): string {
  return `${timeOf(seconds)}: ${binding.name}, ${Math.round(share * 100)} %`;
}

function raisedOf({ raised = {} }: Scenario): string {
  return Object.entries(raised).map(([name, value]) => `${FLEET_QUOTAS[name as keyof typeof FLEET_QUOTAS].name} to ${value.toLocaleString('en-US')}`).join(', ');
}

function rowOf({ name, value, inRegions = {}, unit, adjustable, source }: Quota): string {
  const regions = Object.entries(inRegions).map(([region, there]) => `, in ${region} ${there.toLocaleString('en-US')}`).join('');
  return `| ${name} | ${value.toLocaleString('en-US')} ${unit}${regions} | ${adjustable ? 'yes' : 'no'} | [${new URL(source).pathname.split('/')[1]}](${source}) |`;
}

/** A time as people say it. */
export function timeOf(seconds: number): string {
  if (seconds < 60) return `${Math.round(seconds)} s`;
  if (seconds < 3_600) return `${Math.round(seconds / 60)} min`;
  return `${(seconds / 3_600).toFixed(1)} h`;
}

const COLORS: Readonly<Record<string, string>> = {
  [FLEET_QUOTAS.newSessions.name]: '#bf8700',
  [FLEET_QUOTAS.activeSessions.name]: '#0969da',
  [FLEET_QUOTAS.functionsAtOnce.name]: '#8250df',
};

/** Bars, one for each fleet: as long as it takes, in the color of the quota that binds. */
function pictureOf(outcomes: readonly Outcome[]): string {
  const [width, row, left] = [820, 26, 190];
  const longest = Math.max(...outcomes.map(({ seconds }) => seconds));
  const top = 64;
  const height = top + outcomes.length * row + REGIONS.length * 34 + 12;
  let y = top;
  const lines = REGIONS.flatMap((region) => {
    const of = outcomes.filter(({ scenario }) => scenario.region === region);
    y += 24;
    const head = `<text class="region" x="24" y="${y}">${region}</text>`;
    y += 10;
    const bars = of.map((outcome) => {
      const { seconds, binding, scenario: { typical } } = outcome;
      const bar = Math.max(2, Math.round(seconds / longest * (width - left - 300)));
      y += row;
      return [
        `<text class="label" x="${left - 10}" y="${y - 8}">commands of ${timeOf(typical)}</text>`,
        `<rect x="${left}" y="${y - 22}" width="${bar}" height="18" rx="2" fill="${COLORS[binding.name] ?? '#59636e'}"/>`,
        `<text x="${left + bar + 10}" y="${y - 8}">${resultOf(outcome)}</text>`,
      ].join('\n');
    });
    return [head, ...bars];
  });
  const title = `How long ${SESSIONS.toLocaleString('en-US')} sessions take`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title alt">
<title id="title">${title}</title>
<desc id="alt">${outcomes.map((outcome) => `${outcome.scenario.region}, commands of ${timeOf(outcome.scenario.typical)}: ${resultOf(outcome)}`).join('; ')}</desc>
<style>
  text { font: 13px system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif; fill: #1f2328; }
  .title { font-size: 16px; font-weight: 600; }
  .region { font-weight: 600; }
  .label { fill: #59636e; text-anchor: end; }
  .paper { fill: #ffffff; }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc; }
    .label { fill: #9198a1; }
    .paper { fill: #0d1117; }
  }
</style>
<rect class="paper" width="${width}" height="${height}" rx="6"/>
<text class="title" x="24" y="34">${title}</text>
<text x="24" y="58">how long the fleet takes: which quota binds, and how much of it is used</text>
${lines.join('\n')}
</svg>
`;
}
