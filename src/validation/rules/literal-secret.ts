import { literalSecretsIn, literalSecretsInVariable } from '../../service/literal-secret';
import { loggedTexts } from '../command-view';
import { textOf, textsIn } from '../intrinsics';
import { TemplateResource, isCommand, isRuntime } from '../template';

/** Literals that look like secrets, in commands and in environment variables; their values are never told. */
export function literalSecret(resource: TemplateResource): string[] {
  const findings = [
    ...(isCommand(resource) ? loggedTexts(resource).filter(({ variable }) => variable === undefined) : []).map(({ what, value }) => ({
      what, kinds: textsIn(value).flatMap(literalSecretsIn),
    })),
    ...variablesOf(resource).map(([name, value]) => ({ what: `environment variable ${name}`, kinds: literalSecretsInVariable(name, textOf(value)) })),
  ];
  return findings.filter(({ kinds }) => kinds.length > 0)
    .map(({ what, kinds }) => `${what} looks as if it held ${[...new Set(kinds)].join(' and ')}`);
}

function variablesOf(resource: TemplateResource): [string, unknown][] {
  const { Environment, EnvironmentVariables } = resource.properties;
  const variables = isRuntime(resource) ? EnvironmentVariables : isCommand(resource) ? Environment : undefined;
  return typeof variables === 'object' && variables !== null ? Object.entries(variables) : [];
}
