import { AgentSession, CommandInput, CommandResult, toObservation } from '../../src/client'; // 'cdk-agentcore-runtime/client' in an app of your own

export interface LoopOptions {
  /** What says whether the work is done: by exit code 0. */
  readonly test: CommandInput;
  /** Where that is run. */
  readonly cwd: string;
  /** How often the agent may try. */
  readonly rounds: number;
  /** Takes what was tried and what came of it. */
  readonly onRound?: (round: number, said: string, result: CommandResult) => void;
}

/**
 * Lets an agent work until its tests pass: they run in its session with no model in between, and what they say is what it is
 * told next.
 *
 * @returns how the tests ended the last time; `ok` if the work is done
 */
export async function untilGreen(session: AgentSession, task: string, options: LoopOptions): Promise<CommandResult> {
  let request: object = { task };
  for (let round = 1; ; round++) {
    const { message } = await session.invoke<{ message: string }>(request);
    const result = await session.run(options.test, { cwd: options.cwd });
    options.onRound?.(round, message, result);
    if (result.ok || round >= options.rounds) return result;
    request = { observation: toObservation(result, { maxCharacters: 4_000 }) };
  }
}
