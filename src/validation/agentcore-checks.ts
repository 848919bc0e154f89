import {
  IPolicyValidationContext, IPolicyValidationPlugin, PolicyValidationPluginReport, PolicyViolatingResource, PolicyViolation,
} from 'aws-cdk-lib';
import { SynthesizedTemplate, readTemplates } from './assembly';
import { Rule } from './rule';
import { RULES } from './rules';
import { TemplateResource } from './template';
import { ruleId } from '../runtime/rule-id';

/**
 * Checks all AgentCore runtimes, endpoints and commands of an app when it is synthesized, those of CloudFormation's own
 * types and of the official constructs too.
 *
 * Register it with `Validations.of(app).addPlugins(new AgentCoreChecks())`. A finding of severity `error` fails the synthesis;
 * those of `warning` and `info` are only reported. A rule is acknowledged by its id, such as
 * `cdk-agentcore-runtime:endpointVersion`, on the construct or on one that it is in, up to the stack; for the whole app by
 * `AgentCoreChecks::` and the id. What only the deployment can tell is not judged.
 *
 * @see https://docs.aws.amazon.com/cdk/v2/guide/policy-validation-synthesis.html
 *
 * @example
 * Validations.of(app).addPlugins(new AgentCoreChecks());
 */
export class AgentCoreChecks implements IPolicyValidationPlugin {
  /** The name of the plugin in reports. */
  public readonly name = 'AgentCoreChecks';

  /** The ids of all rules. */
  public readonly ruleIds?: string[] = RULES.map(({ name }) => ruleId(name));

  /**
   * Checks templates; called by the CDK.
   *
   * @param context names the templates of the app
   */
  public validate(context: IPolicyValidationContext): PolicyValidationPluginReport {
    const templates = readTemplates(context.templatePaths);
    const violations = RULES.flatMap((rule) => violationsOf(rule, templates));
    return { success: violations.every(({ severity }) => severity !== 'error'), violations };
  }
}

/** One violation for each finding: it has the value in it, and one description. */
function violationsOf(rule: Rule, templates: readonly SynthesizedTemplate[]): PolicyViolation[] {
  const id = ruleId(rule.name);
  return templates.flatMap((synthesized) => synthesized.template.resources.flatMap((resource) => {
    const constructPath = synthesized.pathOf(resource.logicalId);
    if (synthesized.isAcknowledged(constructPath, id)) return [];
    return rule.check(resource, synthesized.template).map((finding) => ({
      ruleName: id,
      description: `${constructPath}: ${finding}`,
      fix: rule.fix,
      severity: rule.severity,
      violatingResources: [violatingResource(rule, resource, synthesized)],
    }));
  }));
}

function violatingResource({ property }: Rule, { logicalId }: TemplateResource, { file }: SynthesizedTemplate): PolicyViolatingResource {
  return { resourceLogicalId: logicalId, templatePath: file, locations: [property ? `Properties/${property}` : 'Properties'] };
}
