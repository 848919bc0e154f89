import { Command } from 'commander';
import { invokeProgram, stopProgram } from './invoke';
import { localProgram } from './local';
import { runProgram } from './run';
import { CLI_FAILURE } from './user-error';

// the SDK is part of this file: what it says about Node.js versions is for those who build it
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';

const program = new Command('cdk-agentcore')
  .description('Amazon Bedrock AgentCore runtimes: run commands in their sessions, and deploy CDK apps locally without an account')
  .option('--debug', 'show the stack of an error')
  .showHelpAfterError('(add --help for what is allowed)')
  .enablePositionalOptions()
  .addCommand(runProgram())
  .addCommand(invokeProgram())
  .addCommand(stopProgram())
  .addCommand(localProgram());

program.parseAsync().catch((error: Error) => {
  const line = error.message.replace(/\s*\n\s*/g, ' ');
  process.stderr.write(`cdk-agentcore: ${program.opts().debug ? error.stack : line}\n`);
  process.exitCode = CLI_FAILURE;
});
