#!/bin/sh
# aws-cdk-lib 2.276.0 (constructs 10.5.1), seen on 2026-12-01.
#
# Two stacks of one app give statements to one imported role. CloudFormation writes an AWS::IAM::Policy by PutRolePolicy, which
# replaces an inline policy of the same name. The feature flag `@aws-cdk/aws-iam:importedRoleStackSafeDefaultPolicyName`, which
# `cdk init` sets, is for this. One would guess that with it no two generated policies of one role have the same name.
#
# Seen: the flag changes the name of the default policy alone, to which grants and `addToPrincipalPolicy` write. The name of a
# standalone `iam.Policy` is its logical id, which says nothing of the stack. So equal constructs in two stacks have policies of
# one name on the role: the stack that is deployed last replaces the statements of the other, and destroying either takes away
# what the other needs. Neither synth nor deployment says so.
#
# Output: one line for each way, "<way>: <name in stack One> <name in stack Two> same=<bool>".
#   addToPrincipalPolicy: PolicyOneShared493AA80D PolicyTwoSharedD0AD8B02 same=false
#   Policy: Extra6C4EAC05 Extra6C4EAC05 same=true
#
# Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePolicy.html
#         https://github.com/aws/aws-cdk/blob/main/packages/aws-cdk-lib/cx-api/FEATURE_FLAGS.md (aws-iam:importedRoleStackSafeDefaultPolicyName)
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund aws-cdk-lib@2.276.0 constructs@10.5.1 >/dev/null
cat > app.js <<'APP'
const { App, Stack } = require('aws-cdk-lib');
const { Policy, PolicyStatement, Role } = require('aws-cdk-lib/aws-iam');

const statement = (resource) => new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [resource] });
const ways = {
  'addToPrincipalPolicy': (scope, role, resource) => role.addToPrincipalPolicy(statement(resource)),
  'Policy': (scope, role, resource) => new Policy(scope, 'Extra', { roles: [role], statements: [statement(resource)] }),
};
for (const [way, add] of Object.entries(ways)) {
  const app = new App({ analyticsReporting: false, context: { '@aws-cdk/aws-iam:importedRoleStackSafeDefaultPolicyName': true } });
  const names = ['One', 'Two'].map((id) => {
    const stack = new Stack(app, id, { env: { account: '111122223333', region: 'eu-west-1' } });
    const role = Role.fromRoleArn(stack, 'Shared', 'arn:aws:iam::111122223333:role/shared');
    add(stack, role, `arn:aws:sqs:eu-west-1:111122223333:${id}`);
    return stack;
  }).map((stack) => {
    const { Resources: resources } = app.synth().getStackByName(stack.stackName).template;
    return Object.values(resources).find(({ Type }) => Type === 'AWS::IAM::Policy').Properties.PolicyName;
  });
  console.log(`${way}: ${names.join(' ')} same=${names[0] === names[1]}`);
}
APP
CDK_VALIDATION=false CDK_DISABLE_CLI_TELEMETRY=true node app.js > seen.txt
cat seen.txt
grep -q '^addToPrincipalPolicy: .* same=false$' seen.txt
grep -q '^Policy: .* same=true$' seen.txt
