// Holds the compiled API against the design rules of the AWS CDK's own constructs. awslint's command does not work with the chalk that it
// asks for, and does not know constructs whose L1 comes with a later aws-cdk-lib, so its rules are called from here.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { ALL_RULES_LINTER, DiagnosticLevel } from 'awslint/lib';
import type { ClassType, TypeSystem } from 'jsii-reflect';
import { EXCLUSIONS } from './exclusions';

const ROOT = join(__dirname, '../..');
const CAPACITY_PROVIDER = 'AWS::BedrockAgentCore::CapacityProvider';

/** What awslint reads of an L1. */
const STAND_IN = {
  name: 'CfnCapacityProvider',
  docs: { docs: {}, customTag: (tag: string) => (tag === 'cloudformationResource' ? CAPACITY_PROVIDER : undefined) },
  ownProperties: [],
} as unknown as ClassType;

async function types(): Promise<TypeSystem> {
  // the one that awslint itself has: there are several in the tree
  const { TypeSystem: Types } = createRequire(require.resolve('awslint/lib'))('jsii-reflect') as typeof import('jsii-reflect');
  const system = new Types();
  await system.load(ROOT, { validate: false, supportedFeatures: ['intersection-types', 'class-covariant-overrides'] });
  const classes = system.classes;
  const known = classes.some(({ docs }) => docs.customTag('cloudformationResource') === CAPACITY_PROVIDER);
  Object.defineProperty(system, 'classes', { value: known ? classes : [...classes, STAND_IN] });
  return system;
}

function matches(pattern: string, found: string): boolean {
  return pattern.endsWith('*') ? found.startsWith(pattern.slice(0, -1)) : found === pattern;
}

async function main(): Promise<void> {
  const [assembly] = (await types()).roots;
  const results = ALL_RULES_LINTER.eval(assembly as never, undefined);
  const findings = results.filter(({ level }) => level === DiagnosticLevel.Error || level === DiagnosticLevel.Warning)
    .map(({ rule, scope, message }) => ({ found: `${rule.code}:${scope}`, message }));
  const open = findings.filter(({ found }) => !EXCLUSIONS.some(({ finding }) => matches(finding, found)));
  const stale = EXCLUSIONS.filter(({ finding }) => !findings.some(({ found }) => matches(finding, found)));
  for (const { found, message } of open) console.error(`${found}: ${message}`);
  for (const { finding } of stale) console.error(`${finding}: excluded, but awslint does not find it any more; remove the exclusion`);
  console.log(`awslint: ${open.length} findings, ${findings.length - open.length} left as they are with a reason`);
  if (open.length + stale.length > 0) process.exitCode = 1;
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
