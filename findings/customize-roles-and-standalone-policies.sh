#!/bin/sh
# aws-cdk-lib 2.276.0 (constructs 10.5.1), seen on 2026-12-01.
#
# `Role.customizeRoles` is for accounts in which an app may create no IAM resource: roles are made elsewhere, and the
# file `iam-policy-report.txt` says what they need. One would guess that every statement of the app is in the report and
# that no AWS::IAM::* resource is in the template, whichever way a statement reaches the role.
#
# Seen: that holds for inline policies of the role, for `addToPrincipalPolicy` and for `ManagedPolicy`. It does not hold
# for a standalone `iam.Policy`. The resource stays in the template, attached to the precreated role by its name. Its
# statements are in the report only if they were added before the policy was attached: with `roles` and `statements` both
# in the properties, the role is attached first, so the report lacks the statements.
#
# Output: one line for each way, "<way>: reported=<bool> resource=<bool>".
#   inlinePolicies: reported=true resource=false
#   addToPrincipalPolicy: reported=true resource=false
#   ManagedPolicy: reported=true resource=false
#   Policy with roles and statements: reported=false resource=true
#   Policy attached after its statements: reported=true resource=true
#
# Source: https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.aws_iam-readme.html#customizing-role-creation
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund aws-cdk-lib@2.276.0 constructs@10.5.1 >/dev/null
cat > app.js <<'APP'
const { readFileSync } = require('node:fs');
const { App, Stack } = require('aws-cdk-lib');
const { ManagedPolicy, Policy, PolicyDocument, PolicyStatement, Role, ServicePrincipal } = require('aws-cdk-lib/aws-iam');

const statement = (action) => new PolicyStatement({ actions: [action], resources: ['*'] });
const ways = {
  'inlinePolicies': undefined,
  'addToPrincipalPolicy': (scope, role) => role.addToPrincipalPolicy(statement('sqs:SendMessage')),
  'ManagedPolicy': (scope, role) => new ManagedPolicy(scope, 'Extra', { roles: [role], statements: [statement('sqs:SendMessage')] }),
  'Policy with roles and statements': (scope, role) => new Policy(scope, 'Extra', { roles: [role], statements: [statement('sqs:SendMessage')] }),
  'Policy attached after its statements': (scope, role) => new Policy(scope, 'Extra', { statements: [statement('sqs:SendMessage')] }).attachToRole(role),
};
for (const [way, add] of Object.entries(ways)) {
  const app = new App({ outdir: `out-${Object.keys(ways).indexOf(way)}`, analyticsReporting: false });
  const stack = new Stack(app, 'Stack');
  Role.customizeRoles(stack, { usePrecreatedRoles: { 'Stack/Role': 'made-elsewhere' } });
  const role = new Role(stack, 'Role', {
    assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
    ...(add ? {} : { inlinePolicies: { Inline: new PolicyDocument({ statements: [statement('sqs:SendMessage')] }) } }),
  });
  add?.(stack, role);
  const { directory } = app.synth();
  const report = readFileSync(`${directory}/iam-policy-report.txt`, 'utf8');
  const { Resources: resources = {} } = JSON.parse(readFileSync(`${directory}/Stack.template.json`, 'utf8'));
  const hasResource = Object.values(resources).some(({ Type }) => Type.startsWith('AWS::IAM::'));
  console.log(`${way}: reported=${report.includes('sqs:SendMessage')} resource=${hasResource}`);
}
APP
CDK_VALIDATION=false CDK_DISABLE_CLI_TELEMETRY=true node app.js > seen.txt
cat seen.txt
cat > expected.txt <<'EXPECTED'
inlinePolicies: reported=true resource=false
addToPrincipalPolicy: reported=true resource=false
ManagedPolicy: reported=true resource=false
Policy with roles and statements: reported=false resource=true
Policy attached after its statements: reported=true resource=true
EXPECTED
diff expected.txt seen.txt
