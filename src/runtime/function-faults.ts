import { Token } from 'aws-cdk-lib';
import { AgentCoreFunctionProps } from './function-props';

/** Limits of Lambda. */
const MEMORY = { min: 128, max: 10_240 };

/** Names that Lambda sets itself; a function with one of its own is refused. */
const RESERVED_VARIABLES = [
  '_HANDLER', '_X_AMZN_TRACE_ID', 'AWS_DEFAULT_REGION', 'AWS_REGION', 'AWS_EXECUTION_ENV', 'AWS_LAMBDA_FUNCTION_NAME', 'AWS_LAMBDA_FUNCTION_MEMORY_SIZE',
  'AWS_LAMBDA_FUNCTION_VERSION', 'AWS_LAMBDA_INITIALIZATION_TYPE', 'AWS_LAMBDA_LOG_GROUP_NAME', 'AWS_LAMBDA_LOG_STREAM_NAME', 'AWS_ACCESS_KEY',
  'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN', 'AWS_LAMBDA_RUNTIME_API', 'LAMBDA_TASK_ROOT', 'LAMBDA_RUNTIME_DIR',
];

/** What is wrong with the properties of a function. */
export function functionFaults(props: AgentCoreFunctionProps): string[] {
  const { vpc, vpcSubnets, securityGroups, logGroup, logEncryptionKey, memorySize, environment = {}, reservedConcurrentExecutions: reserved } = props;
  const withoutVpc = Object.entries({ vpcSubnets, securityGroups }).filter(([, value]) => value !== undefined && vpc === undefined);
  return [
    ...withoutVpc.map(([name]) => `${name} is given without a vpc; give the vpc that they are in, or leave ${name} out`),
    ...(logGroup && logEncryptionKey
      ? ['logGroup and logEncryptionKey are given, but a log group has the key that it was made with; encrypt the log group where it is declared, and leave logEncryptionKey out']
      : []),
    ...(isWholeNumber(memorySize, MEMORY.min, MEMORY.max) ? [] : [`memorySize is ${memorySize} MiB; use a whole number from ${MEMORY.min} to ${MEMORY.max}`]),
    ...(isWholeNumber(reserved, 1) ? [] : [`reservedConcurrentExecutions is ${reserved}; use a whole number of 1 or more`
      + `${reserved === 0 ? ', since with 0 the function is never run, and each deployment waits until CloudFormation gives up' : ''}`]),
    ...(Token.isUnresolved(environment) ? [] : Object.keys(environment).flatMap(variableFaults)),
  ];
}

function isWholeNumber(value: number | undefined, min: number, max = Infinity): boolean {
  return value === undefined || Token.isUnresolved(value) || (Number.isInteger(value) && value >= min && value <= max);
}

function variableFaults(name: string): string[] {
  if (Token.isUnresolved(name)) return [];
  if (RESERVED_VARIABLES.includes(name)) return [`environment has ${name}, which Lambda sets itself; leave it out`];
  return /^[A-Za-z][A-Za-z0-9_]+$/.test(name) ? [] : [`environment has the name ${JSON.stringify(name)}; a name has two characters or more: a letter, then letters, digits or underscores`];
}
