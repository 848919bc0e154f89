import { Command } from 'commander';
import { KnownRun, KnownRuns } from './runs';
import { KnownSession, KnownSessions, SessionState, stateOf } from './sessions';
import { ago } from '../ago';
import { write } from '../output';
import { colorsOf } from '../terminal';

export function sessionsProgram(): Command {
  return new Command('sessions')
    .description('list the sessions that were used from this machine, the last one first; the service itself has no list of them')
    .option('--prune', 'forget the stale ones first')
    .option('--json', 'one JSON document: a list')
    .addHelpText('after', `
recent: may still run; stopped: from here; idle: its machine is likely gone, its session storage is there; stale: not used for 14 days, which
empties session storage. Others may use a session too, which is not known here. Commands and their output are not recorded.

Examples:
  $ cdk-agentcore sessions
  $ export CDK_AGENTCORE_SESSION=$(cdk-agentcore sessions --json | jq -r '.[0].sessionId')`)
    .action(async ({ prune, json }: { readonly prune?: boolean; readonly json?: boolean }) => {
      const known = new KnownSessions();
      if (prune) known.prune();
      const now = Date.now();
      const runs = new KnownRuns().list();
      const sessions = known.list().map((session) => ({ ...session, state: stateOf(session, now), runs: runs.filter((run) => isIn(run, session)) }));
      if (json) await write(process.stdout, `${JSON.stringify(sessions)}\n`);
      else if (sessions.length === 0) await write(process.stderr, 'no session was used from this machine yet; `cdk-agentcore run --session ID` opens one\n');
      else await write(process.stdout, sessions.map((session) => linesOf(session, now)).join(''));
    });
}

function isIn({ handle, endpoint }: KnownRun, session: KnownSession): boolean {
  return handle.sessionId === session.sessionId && handle.runtimeArn === session.runtimeArn
    && handle.qualifier === session.qualifier && endpoint === session.endpoint;
}

function linesOf(session: KnownSession & { readonly state: SessionState; readonly runs: readonly KnownRun[] }, now: number): string {
  const colors = colorsOf(process.stdout);
  const paint = { recent: colors.green, stopped: colors.yellow, idle: colors.yellow, stale: colors.red }[session.state];
  const runtime = session.runtimeArn.replace(/^.*:runtime\//, '');
  const where = `${runtime}${session.qualifier === 'DEFAULT' ? '' : ` ${session.qualifier}`}${session.endpoint ? ` at ${session.endpoint}` : ''}`;
  return [
    `${paint(session.state.padEnd(7))}  ${colors.bold(session.sessionId)}  ${ago(session.lastUsed, now).padEnd(10)}  ${colors.dim(where)}`,
    ...session.runs.map(({ handle, ended }) => `         detached ${handle.token}  started ${ago(handle.startedAt, now)}${ended === undefined ? '' : `, ended: ${ended}`}`),
  ].map((line) => `${line}\n`).join('');
}
