import { loggedTexts } from '../command-view';
import { textsIn } from '../intrinsics';
import { Template, TemplateResource, isCommand } from '../template';

/** Secrets that CloudFormation would put into the text of a command, which the service logs. */
export function commandSecret(resource: TemplateResource, template: Template): string[] {
  if (!isCommand(resource)) return [];
  return loggedTexts(resource).flatMap(({ what, value }) => [
    ...(textsIn(value).some((text) => text.includes('{{resolve:')) ? [`${what} holds a dynamic reference, and so its value`] : []),
    ...template.hiddenParametersIn(value).map((name) => `${what} holds parameter ${name}, which is not to be shown`),
  ]);
}
