import { CfnResource, Stack } from 'aws-cdk-lib';
import { AgentRuntimeArtifact, Runtime } from 'aws-cdk-lib/aws-bedrockagentcore';
import { CfnManagedPolicy, CfnPolicy, CfnRole, IRole, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { render } from './render';
import { isImmutable, statementsAsJson, textForSub } from './role-permissions';
import { ruleId } from './rule-id';
import { addWarning } from './warning';

/** The repository in the URI of an image, of whose parts some may be such as `${AWS::Region}`. */
const IMAGE_URI = /^(?<account>[^./]+)\.dkr\.ecr\.(?<region>[^./]+)\.[^/]+\/(?<repository>[^:@${]+)[:@]/;

/** Policies by which a role may pull images. */
const MAY_PULL = /"ecr:(BatchGetImage|\*)"|:policy\/AmazonEC2ContainerRegistry/;

/**
 * Warns of an image by its URI, for which nothing gives the execution role permissions: the service looks at the image when the
 * runtime is created, and refuses one that the role may not pull.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/runtime-permissions.html
 */
export function checkImagePermissions(runtime: Runtime, artifact: AgentRuntimeArtifact): void {
  const { containerUri } = artifact as { readonly containerUri?: unknown };
  // the other artifacts know their repository or bucket, and let the role read it
  if (typeof containerUri !== 'string') return;
  // at synth, when the app has given the role what it gives
  runtime.node.addValidation({
    validate: () => {
      if (!mayPull(runtime)) addWarning(runtime, ruleId('imagePermissionsNotAdded'), message(runtime, containerUri));
      return [];
    },
  });
}

/** As far as the app knows: of an imported role it knows only what it adds itself. */
function mayPull({ role, node }: Runtime): boolean {
  const own = role.node.findAll().filter(CfnResource.isCfnResource);
  if (own.some((resource) => MAY_PULL.test(written(resource)))) return true;
  const policies = node.root.node.findAll().filter((construct) => construct instanceof CfnPolicy || construct instanceof CfnManagedPolicy);
  return policies.some((policy) => isAttached(policy, role, own) && MAY_PULL.test(written(policy)));
}

/** By the policy, which names the role, or by the role, which names the policy. */
function isAttached(policy: CfnPolicy | CfnManagedPolicy, { roleName }: IRole, own: readonly CfnResource[]): boolean {
  return isAmong(Stack.of(policy), roleName, policy.roles)
    || own.some((resource) => resource instanceof CfnRole && isAmong(Stack.of(resource), policy.ref, resource.managedPolicyArns));
}

function isAmong(stack: Stack, wanted: string, texts: unknown): boolean {
  const rendered = render(stack, texts);
  return Array.isArray(rendered) && rendered.some((text) => JSON.stringify(text) === JSON.stringify(render(stack, wanted)));
}

function written(resource: CfnResource): string {
  return JSON.stringify(render(Stack.of(resource), resource._toCloudFormation()));
}

function message(runtime: Runtime, containerUri: string): string {
  const { account, region, repository } = IMAGE_URI.exec(textForSub(runtime, containerUri))?.groups ?? {};
  const arn = repository === undefined ? undefined : `arn:${Stack.of(runtime).partition}:ecr:${region}:${account}:repository/${repository}`;
  const statements = [
    new PolicyStatement({ actions: ['ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'], resources: [arn ?? 'ARN of the repository'] }),
    new PolicyStatement({ actions: ['ecr:GetAuthorizationToken'], resources: ['*'] }),
  ];
  return 'an image by its URI gives the execution role no permission to pull it, and without these statements the deployment fails with "Access denied while '
    + `validating ECR URI": ${statementsAsJson(runtime, statements)}; ${isImmutable(runtime.role)
      ? 'see to it that the policies of the role have them, and acknowledge the rule.'
      : 'use AgentRuntimeArtifact.fromEcrRepository, which adds them, or acknowledge the rule if the role has them.'}`;
}
