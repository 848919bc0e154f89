import { FunctionLogPrinter } from './deployment-output';
import { colorsOf } from './terminal';
import { FunctionLogLine } from '../local/deployer';
import { ExecutionEvent, ExecutionResult, SentEvent } from '../local/workflow';

/** The internal error by which a command that goes on is looked after again: no failure to anybody. */
const RUNNING = 'CommandRunning';

/** How much of a cause is shown while the execution goes on, in characters. */
const CAUSE_CHARACTERS = 500;

/** Prints the progress of an execution: its states, what commands write, what goes to EventBridge. */
export class ExecutionPrinter {
  private readonly logs: FunctionLogPrinter;
  private told?: string;

  constructor(private readonly out: NodeJS.WriteStream) {
    this.logs = new FunctionLogPrinter(out);
  }

  public event({ type, state, stateType, output, error, cause }: ExecutionEvent): void {
    const pc = colorsOf(this.out);
    const line = (sign: string, text: string) => this.out.write(`${pc.dim(new Date().toISOString().slice(11, 19))} ${sign} ${text}\n`);
    if (type === 'entered' && stateType !== 'Choice') line(pc.cyan('▶'), `${pc.bold(state)} ${pc.dim(stateType)}`);
    if (type === 'failed' && error === RUNNING) line(pc.dim('…'), pc.dim(`${state} goes on`));
    else if (type === 'failed') line(pc.red('✘'), `${state}: ${pc.red(error!)} ${shortened(messageOf(cause ?? ''))}`);
    else if (type === 'caught') line(pc.yellow('↷'), pc.dim(`${state}: caught`));
    else if (type === 'exited' && stateType === 'Task') this.answer(output);
    else if (type === 'retried' && error !== undefined) line(pc.yellow('↻'), pc.dim(`${state}: tried again`));
  }

  /** What the agent has answered, where a state has put that last into what it hands on. */
  private answer(output: unknown): void {
    const { agent } = typeof output === 'object' && output !== null ? output as { readonly agent?: { readonly answer?: unknown; readonly tokens?: unknown } } : {};
    if (!agent || this.told === JSON.stringify(agent)) return;
    this.told = JSON.stringify(agent);
    this.out.write(`         ${colorsOf(this.out).cyan('│')} the agent: ${shortened(JSON.stringify(agent.answer) ?? '')}\n`);
  }

  public log(line: FunctionLogLine): void {
    this.logs.print(line);
  }

  public sent({ detailType }: SentEvent): void {
    this.out.write(`         ${colorsOf(this.out).dim(`event: ${detailType}`)}\n`);
  }

  public end(result: ExecutionResult): void {
    const pc = colorsOf(this.out);
    const paint = result.status === 'SUCCEEDED' ? pc.green : pc.red;
    const why = 'error' in result ? `: ${result.error} ${shortened(messageOf(result.cause))}` : '';
    this.out.write(`\n${paint(pc.bold(`the execution ${WORDS[result.status]}`))}${why}\n`);
  }
}

const WORDS = { SUCCEEDED: 'has succeeded', FAILED: 'has failed', TIMED_OUT: 'has timed out', ABORTED: 'was aborted' } as const;

/** The message in the cause of an error of a function, which is JSON, or in the summary of a loop. */
export function messageOf(cause: string): string {
  try {
    const { errorMessage, reason } = JSON.parse(cause);
    return typeof errorMessage === 'string' ? errorMessage : typeof reason === 'string' ? reason : cause;
  } catch {
    return cause;
  }
}

function shortened(text: string): string {
  return text.length > CAUSE_CHARACTERS ? `${text.slice(0, CAUSE_CHARACTERS)}...` : text;
}
