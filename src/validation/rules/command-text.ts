import { validateCommandText, validateCommandWords } from '../../service/command';
import { composeCommandLine } from '../../service/command-line';
import { commandsIn } from '../command-view';
import { TemplateResource, isCommand } from '../template';

/** Commands that are empty, or too long once they are wrapped for the service. */
export function commandText(resource: TemplateResource): string[] {
  if (!isCommand(resource)) return [];
  return commandsIn(resource).flatMap(({ command, environment, workingDirectory }) => [
    ...validateCommandWords(command),
    ...validateCommandText(composeCommandLine({ command, environment, workingDirectory })),
  ]);
}
