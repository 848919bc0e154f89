import { CfnResource, Stack, Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { Rule } from './rule';
import { RULES } from './rules';
import { Template } from './template';
import { render } from '../runtime/render';
import { byRule, ruleId } from '../runtime/rule-id';
import { addInfo, addWarning } from '../runtime/warning';

const RULES_OF_ONE_RESOURCE = RULES.filter(({ acrossResources }) => !acrossResources);

/**
 * Checks a resource at synth as it will stand in the template, by all rules that look at one resource alone.
 *
 * Errors fail the synthesis; warnings and infos are annotations of the construct.
 *
 * @param scope the construct that messages name, and on which rules are acknowledged
 */
export function checkAtSynth(scope: IConstruct, resource: CfnResource): void {
  scope.node.addValidation({ validate: () => check(scope, resource) });
}

function check(scope: IConstruct, resource: CfnResource): string[] {
  const stack = Stack.of(resource);
  const template = new Template(render(stack, resource._toCloudFormation()), Token.isUnresolved(stack.region) ? undefined : stack.region);
  const findings = RULES_OF_ONE_RESOURCE
    .flatMap((rule) => template.resources.flatMap((rendered) => rule.check(rendered, template)).map((message) => ({ rule, message })));
  for (const { rule, message } of findings) annotate(scope, rule, message);
  return findings.filter(({ rule }) => rule.severity === 'error').flatMap(({ rule, message }) => byRule(rule.name, [withFix(message, rule)]));
}

function annotate(scope: IConstruct, rule: Rule, message: string): void {
  if (rule.severity === 'warning') addWarning(scope, ruleId(rule.name), `${withFix(message, rule)}.`);
  if (rule.severity === 'info') addInfo(scope, ruleId(rule.name), `${withFix(message, rule)}.`);
}

/** Not twice where the message says what to do in the same words. */
function withFix(message: string, { fix }: Rule): string {
  return message.endsWith(`; ${fix}`) ? message : `${message}; ${fix}`;
}
