import { App, AppProps, NestedStack, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import * as fc from 'fast-check';
import { AgentRuntime, AgentRuntimeAssertions, Command, CommandRunner, RunPolicy } from '../../src';
import { maskSnapshot, snapshotSerializer } from '../../src/testing';
import { image } from '../util/stacks';

expect.addSnapshotSerializer(snapshotSerializer());

const ours = 'a'.repeat(64);

function build(props: AppProps = {}): Stack {
  const stack = new Stack(new App({ analyticsReporting: true, ...props }), 'Stack');
  new AgentRuntime(stack, 'Agent', { agentRuntimeArtifact: image() });
  new LambdaFunction(stack, 'Own', { code: Code.fromAsset(__dirname), handler: 'index.handler', runtime: Runtime.NODEJS_LATEST });
  new AgentRuntime(new NestedStack(stack, 'Nested'), 'Agent', { agentRuntimeArtifact: image() });
  return stack;
}

const templateOf = (stack: Stack): any => Template.fromStack(stack).toJSON();

/** What a later version of this library would change: the bundle, and its number. */
function ofLaterVersion(template: any): any {
  const copy = structuredClone(template);
  for (const [id, resource] of Object.entries<any>(copy.Resources)) {
    if (/^CdkAgentCoreRuntimeProviderFunction/.test(id)) resource.Properties.Code.S3Key = `${ours}.zip`;
    if (resource.Type === 'AWS::CDK::Metadata') resource.Properties.Analytics = 'v2:deflate64:other';
    if (resource.Type === 'AWS::CloudFormation::Stack') {
      resource.Properties.TemplateURL = JSON.parse(JSON.stringify(resource.Properties.TemplateURL).replace(/[0-9a-f]{64}/, ours));
    }
  }
  return copy;
}

const APPS: Record<string, AppProps> = {
  'as it is': {},
  'with paths of assets': { context: { 'aws:cdk:enable-asset-metadata': true, 'aws:cdk:enable-path-metadata': true } },
};

describe.each(Object.entries(APPS))('a template %s', (_title, props) => {
  it('is the same with a later version', () => {
    const now = templateOf(build(props));
    const later = ofLaterVersion(now);
    expect(later).not.toEqual(now);
    expect(maskSnapshot(later)).toEqual(maskSnapshot(now));
  });

  it('shows everything else', () => {
    const template = templateOf(build(props));
    const paths: string[] = [];
    const compare = (before: any, after: any, path: string) => {
      if (typeof before === 'object' && before !== null && typeof after === 'object') {
        expect(Object.keys(after)).toEqual(Object.keys(before));
        Object.keys(before).forEach((key) => compare(before[key], after[key], `${path}/${key.replace(/[0-9A-F]{8}$/, '')}`));
      } else if (before !== after) {
        paths.push(path);
      }
    };
    compare(template, maskSnapshot(template), '');
    expect(paths).toEqual(expect.arrayContaining([
      '/Resources/CDKMetadata/Properties',
      '/Resources/CdkAgentCoreRuntimeProviderFunction/Properties/Code/S3Key',
      expect.stringMatching(/^\/Resources\/NestedNestedStackNestedNestedStackResource\/Properties\/TemplateURL\//),
    ]));
    for (const path of paths) expect(path).toMatch(/CDKMetadata|ProviderFunction\/(Properties\/Code|Metadata)|NestedStackResource/);
  });

  it('shows its own assets unless these are masked too', () => {
    const own = (template: any) => Object.entries<any>(template.Resources).find(([id]) => /^Own[0-9A-F]{8}$/.test(id))![1].Properties.Code.S3Key;
    const template = templateOf(build(props));
    expect(own(maskSnapshot(template))).toMatch(/^[0-9a-f]{64}\.zip$/);
    expect(own(maskSnapshot(template, { allAssets: true }))).toBe('<asset hash>.zip');
  });
});

test('the assertions give the same', () => {
  const stack = build();
  expect(AgentRuntimeAssertions.fromStack(stack).toSnapshot()).toEqual(maskSnapshot(templateOf(stack)));
  expect(JSON.stringify(AgentRuntimeAssertions.fromStack(stack).toSnapshot({ allAssets: true }))).not.toMatch(/[0-9a-f]{64}/);
});

describe('the serializer', () => {
  it('prints templates as the test runner does', () => {
    expect({
      Resources: {
        CdkAgentCoreRuntimeProviderFunction24F95248: { Type: 'AWS::Lambda::Function', Properties: { Code: { S3Key: `${ours}.zip` }, Handler: 'index.handler' } },
      },
    }).toMatchInlineSnapshot(`
{
  "Resources": {
    "CdkAgentCoreRuntimeProviderFunction24F95248": {
      "Properties": {
        "Code": {
          "S3Key": "<asset hash>.zip",
        },
        "Handler": "index.handler",
      },
      "Type": "AWS::Lambda::Function",
    },
  },
}
`);
  });

  it('leaves other values alone', () => {
    const circular: Record<string, unknown> = { hash: ours };
    circular.self = [circular];
    for (const value of [undefined, null, 1n, ours, [ours], new Map([[ours, ours]]), new Date(0), circular, { Type: 'AWS::CDK::Metadata' }]) {
      expect(snapshotSerializer().test(value)).toBe(false);
    }
  });

  it('covers hashes everywhere where it is told to', () => {
    const print = (value: unknown) => JSON.stringify(value);
    const serializer = snapshotSerializer({ allAssets: true });
    expect(serializer.test(ours)).toBe(true);
    expect(serializer.serialize({ a: [`${ours}.zip`] }, {}, '', 0, [], print)).toBe('{"a":["<asset hash>.zip"]}');
  });

  it('has nothing to do where it has been, whatever the value', () => {
    const key = fc.oneof(fc.string(), fc.constantFrom('Type', 'Properties', 'Nonce', 'CdkAgentCoreRuntimeProviderFunction', 'CDKMetadata'));
    const text = fc.oneof(fc.string(), fc.constantFrom(ours, `${ours}.zip`, 'AWS::Lambda::Function', 'AWS::CDK::Metadata', 'AWS::CloudFormation::Stack', 'Custom::AgentCoreCommand'));
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof({ depthSize: 'medium' }, text, fc.double(), fc.constant(null), fc.array(tie('tree')), fc.dictionary(key, tie('tree'))),
    }));
    fc.assert(fc.property(tree, fc.boolean(), (value, allAssets) => {
      const masked = maskSnapshot(value, { allAssets });
      expect(maskSnapshot(masked, { allAssets })).toBe(masked);
      expect(snapshotSerializer({ allAssets }).test(masked)).toBe(false);
    }));
  });
});

test('a command that runs in every deployment does not make every snapshot another one', () => {
  const synth = () => {
    const stack = build();
    const runtime = new AgentRuntime(stack, 'Ours', { agentRuntimeArtifact: image() });
    new CommandRunner(stack, 'Check', { runtime, command: Command.shell('true'), runPolicy: RunPolicy.EVERY_DEPLOYMENT });
    return templateOf(stack);
  };
  const [first, second] = [synth(), synth()];
  expect(second).not.toEqual(first);
  expect(maskSnapshot(second)).toEqual(maskSnapshot(first));
});

test('a hash that does not say whose it is stays in sight', () => {
  const stack = build();
  const asset = new Asset(stack, 'Data', { path: __filename });
  expect(maskSnapshot({ Outputs: { Key: { Value: asset.s3ObjectKey } } })).toEqual({ Outputs: { Key: { Value: asset.s3ObjectKey } } });
});
