import { Command, CommanderError } from 'commander';
import { completionProgram } from './completion/program';
import { cpProgram } from './cp';
import { doctorProgram } from './doctor/program';
import { explainError } from './explain-error';
import { exitCodeOf, Interrupted } from './interruption';
import { invokeProgram, stopProgram } from './invoke';
import { attachProgram } from './known/attach';
import { sessionsProgram } from './known/sessions-program';
import { localProgram } from './local';
import { logsProgram } from './logs/program';
import { lsProgram } from './ls';
import { isBrokenPipe } from './output';
import { runProgram } from './run';
import { shellProgram } from './shell/program';
import { CLI_FAILURE, USAGE, UsageError } from './user-error';
import { packageVersion } from './version';

// the SDK is part of this file: what it says about Node.js versions is for those who build it
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';

const program = new Command('cdk-agentcore')
  .description('Amazon Bedrock AgentCore runtimes: run commands in their sessions, and deploy CDK apps locally without an account')
  .version(packageVersion())
  .option('--debug', 'show the stack of an error')
  .showHelpAfterError('(add --help for what is allowed)')
  .enablePositionalOptions()
  .exitOverride()
  .addCommand(runProgram())
  .addCommand(shellProgram())
  .addCommand(invokeProgram())
  .addCommand(stopProgram())
  .addCommand(cpProgram())
  .addCommand(lsProgram())
  .addCommand(attachProgram())
  .addCommand(sessionsProgram())
  .addCommand(logsProgram())
  .addCommand(doctorProgram())
  .addCommand(localProgram())
  .addCommand(completionProgram());

inheritSettings(program);

for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error) => {
    // whoever waits for the write is told; where nobody does, as with events of a deployment, the work goes on unseen
    if (!isBrokenPipe(error)) throw error;
  });
}

program.parseAsync().catch((error: Error) => {
  // not by the exit code alone: what has been given up may take its time to end
  process.exit(report(error));
});

/** A command that was not made by its parent does not have its settings. */
function inheritSettings(parent: Command): void {
  for (const command of parent.commands) inheritSettings(command.copyInheritedSettings(parent));
}

/** Tells of an error what has to be told; the exit code for it. */
function report(error: Error): number {
  // it has said all there is to say; 0 is for --help and --version
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : CLI_FAILURE;
  if (error instanceof Interrupted) return error.exitCode;
  if (isBrokenPipe(error)) return exitCodeOf('SIGPIPE');
  process.stderr.write(`cdk-agentcore: ${program.opts().debug ? error.stack : explainError(error)}\n`);
  return error instanceof UsageError ? USAGE : CLI_FAILURE;
}
