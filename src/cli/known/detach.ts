import { randomUUID } from 'node:crypto';
import { KnownRuns } from './runs';
import { KnownSessions } from './sessions';
import { AgentSession } from '../../client/api/agent-session';
import { CommandInput } from '../../client/api/command';
import { connect, RuntimeOptions, runtimeArnOf } from '../clients';
import { Interruption } from '../interruption';
import { write } from '../output';

export interface DetachOptions extends RuntimeOptions {
  readonly session?: string;
  readonly qualifier: string;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** In seconds; an hour if left out. */
  readonly timeout?: number;
  readonly json?: boolean;
}

/** Starts a command that goes on by itself, in a session that stays; prints what `attach` takes. */
export async function detach(command: CommandInput, options: DetachOptions): Promise<number> {
  const { cwd, env, timeout: timeoutSeconds, qualifier, endpoint, json } = options;
  const interruption = new Interruption();
  const { control, data } = connect(options);
  data.destroy();
  const runtimeArn = await interruption.race(runtimeArnOf(control, options));
  const region = await control.config.region();
  const session = AgentSession.of({ runtimeArn, sessionId: options.session ?? randomUUID(), qualifier, endpoint, region });
  const { handle } = await session.runDetached(command, { cwd, env, timeoutSeconds, signal: interruption.signal });
  const isKnown = new KnownRuns().save({ handle, ...(endpoint ? { endpoint } : {}) });
  new KnownSessions().used({ ...handle, endpoint });
  await write(process.stdout, json || !isKnown ? `${JSON.stringify(handle)}\n` : `${handle.token}\n`);
  if (!json) await write(process.stderr, `runs in session ${handle.sessionId}; see it with: cdk-agentcore attach ${isKnown ? handle.token : '- (with the line above as its input)'}\n`);
  session.close();
  return 0;
}
