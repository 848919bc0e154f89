import { colorsOf } from './terminal';
import { DeployResult, FunctionLogLine, isOfWholeStack, StackEvent } from '../local/deployer';

/** Prints one event of a stack, as `cdk deploy` does. */
export function printEvent(out: NodeJS.WriteStream, event: StackEvent): void {
  const pc = colorsOf(out);
  const failed = /FAILED|ROLLBACK/.test(event.status);
  const paint = failed ? pc.red : event.status.endsWith('_COMPLETE') ? pc.green : pc.dim;
  const name = isOfWholeStack(event) ? pc.bold(event.stackName) : event.nested ? `${event.stackName}/${event.logicalId}` : event.logicalId;
  const time = event.timestamp.toISOString().slice(11, 19);
  out.write(`${pc.dim(time)} ${paint(event.status.padEnd(24))} ${pc.dim(event.type.padEnd(40))} ${name}\n`);
  if (event.reason && failed) out.write(`         ${paint(event.reason)}\n`);
}

/** Prints what the provider's function logs: the output of commands as it is, the rest as one quiet line. */
export class FunctionLogPrinter {
  constructor(private readonly out: NodeJS.WriteStream) {}

  public print({ stream, line }: FunctionLogLine): void {
    const entry = parse(line);
    const output = entry?.stdout ?? entry?.stderr;
    const pc = colorsOf(this.out);
    if (typeof output === 'string') this.out.write(`         ${pc.cyan('│')} ${entry!.stderr === undefined ? output : pc.yellow(output)}\n`);
    else if (stream === 'stderr') this.out.write(`         ${pc.yellow(line)}\n`);
  }
}

function parse(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** Prints how each stack ended, and its outputs. */
export function printResult(out: NodeJS.WriteStream, { stacks }: DeployResult): void {
  const pc = colorsOf(out);
  for (const { stackName, status, outputs } of stacks) {
    out.write(`\n${status === 'NO_CHANGES' ? `${pc.bold(stackName)} has no changes` : `${pc.bold(stackName)} is ${status}`}\n`);
    for (const [name, value] of Object.entries(outputs)) out.write(`  ${name} = ${value.trimEnd().replace(/\n/g, '\n    ')}\n`);
  }
}
