import { Command } from 'commander';
import { Check } from './check';
import { DoctorOptions, examine } from './doctor';
import { connect } from '../clients';
import { Interruption } from '../interruption';
import { connectionOptions, sessionOption } from '../options';
import { write } from '../output';
import { checkedSession } from '../session-id';
import { colorsOf, Spinner } from '../terminal';

/** What it exits with where something was found wrong. */
const SOMETHING_WRONG = 1;

export function doctorProgram(): Command {
  return connectionOptions(new Command('doctor'))
    .description('look at all that commands in a session need: credentials, region, runtime, permissions, session, mounts; ends with 1 where something is wrong')
    .addOption(sessionOption('the session to look into; without one, a new session is opened and stopped again'))
    .option('--json', 'one JSON document at the end: whether all is well, and the checks')
    .addHelpText('after', `
Each line is a check: \u2714 what is well, \u2716 what is not and what to do about it, - what could not be looked at. A mount is tried with a small
file that is removed again; nothing else is changed.

Examples:
  $ cdk-agentcore doctor --stack CodingAgent
  $ cdk-agentcore doctor --runtime coder-a1b2c3d4e5 --session "$SESSION" --json | jq '.checks[] | select(.status == "failed")'`)
    .action(async (options: DoctorOptions & { readonly json?: boolean }) => {
      if (options.session !== undefined) checkedSession(options.session);
      const checks = await examination(options);
      if (options.json) await write(process.stdout, `${JSON.stringify({ ok: isWell(checks), checks })}\n`);
      process.exitCode = isWell(checks) ? 0 : SOMETHING_WRONG;
    });
}

function isWell(checks: readonly Check[]): boolean {
  return checks.every(({ status }) => status !== 'failed');
}

async function examination(options: DoctorOptions & { readonly json?: boolean }): Promise<Check[]> {
  const { signal } = new Interruption();
  const spinner = new Spinner();
  const checks: Check[] = [];
  const rest = examine({ clients: connect(options), options, signal });
  const next = async () => (options.json ? rest.next() : spinner.during('looking ...', rest.next()));
  try {
    for (let step = await next(); !step.done; step = await next()) {
      checks.push(step.value);
      if (!options.json) await write(process.stdout, lineOf(step.value));
    }
  } finally {
    // its own session must be stopped also where nobody reads its lines any more
    await rest.return();
  }
  return checks;
}

const MARKS = { ok: '\u2714', failed: '\u2716', skipped: '-' } as const;

function lineOf({ name, status, detail, remedy }: Check): string {
  const colors = colorsOf(process.stdout);
  const paint = { ok: colors.green, failed: colors.red, skipped: colors.dim }[status];
  return `${paint(MARKS[status])} ${colors.bold(name)}: ${detail}${remedy === undefined ? '' : ` ${colors.yellow('→')} ${remedy}`}\n`;
}
