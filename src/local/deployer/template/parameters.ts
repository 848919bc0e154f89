import { TemplateError } from './error';
import { Template, TemplateParameter } from './template';

/** What stands in for the version of the bootstrap stack, which nothing local needs. */
const BOOTSTRAP_VERSION = '999';

const SSM_TYPE = /^AWS::SSM::Parameter::(?:Value<(.+)>|Name)$/;

/**
 * The values of a template's parameters: the given ones, else the defaults.
 *
 * Parameters that CloudFormation reads from the Parameter Store get a stand-in, as there is none locally.
 */
export function parameterValues(template: Template, given: Readonly<Record<string, string>>): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  const missing: string[] = [];
  for (const [name, parameter] of Object.entries(template.Parameters ?? {})) {
    const value = given[name] ?? parameter.Default;
    if (value === undefined) missing.push(name);
    else values[name] = valueOf(name, parameter, String(value));
  }
  if (missing.length > 0) {
    throw new TemplateError('Parameters', `${missing.join(', ')} ${missing.length === 1 ? 'has' : 'have'} neither a value nor a default; give a default in the app`);
  }
  return values;
}

function valueOf(name: string, parameter: TemplateParameter, value: string): unknown {
  const { Type: type, AllowedValues: allowed } = parameter;
  const ssm = SSM_TYPE.exec(type);
  if (ssm?.[1]) {
    const standIn = /^\/cdk-bootstrap\/[^/]+\/version$/.test(value) ? BOOTSTRAP_VERSION : `local-value-of-${value.replace(/^\//, '')}`;
    return isListType(ssm[1]) ? [standIn] : standIn;
  }
  if (allowed && !allowed.map(String).includes(value)) {
    throw new TemplateError(`Parameters.${name}`, `${JSON.stringify(value)} is not one of the allowed values ${allowed.join(', ')}`);
  }
  if (!isListType(type)) return value;
  return value === '' ? [] : value.split(',').map((item) => item.trim());
}

function isListType(type: string): boolean {
  return type === 'CommaDelimitedList' || type.startsWith('List<');
}
