import { Argument, Command } from 'commander';
import { bashCompletion } from './bash';
import { completionTree } from './tree';
import { zshCompletion } from './zsh';
import { write } from '../output';

const SCRIPTS = { bash: bashCompletion, zsh: zshCompletion };

export function completionProgram(): Command {
  const command = new Command('completion');
  return command
    .description('print a script by which a shell completes our command lines')
    .addArgument(new Argument('<shell>', 'which shell').choices(Object.keys(SCRIPTS)))
    .addHelpText('after', `
Examples:
  $ source <(cdk-agentcore completion bash)        # in ~/.bashrc
  $ source <(cdk-agentcore completion zsh)         # in ~/.zshrc, after compinit`)
    .action(async (shell: keyof typeof SCRIPTS) => {
      const program = command.parent!;
      await write(process.stdout, SCRIPTS[shell](program.name(), completionTree(program)));
    });
}
