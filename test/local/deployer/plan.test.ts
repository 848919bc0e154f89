import { FakeEndpoint } from './fake-endpoint';
import { scratchDirectory, writeFiles } from './scratch';
import { deploy, destroy, StackEvent } from '../../../src/local/deployer';
import { AssemblyStack, readAssembly } from '../../../src/local/deployer/assembly/assembly';
import { assetLookup } from '../../../src/local/deployer/assembly/locations';
import { nestedStacksOf, plannedStack } from '../../../src/local/deployer/assembly/nested';
import { lookThrough } from '../../../src/local/deployer/plan';
import { publicationsOf } from '../../../src/local/deployer/publish/selection';
import { Template, TemplateResource } from '../../../src/local/deployer/template/template';

const ENVIRONMENT = { region: 'eu-west-1', account: '000000000000' };
const IDENTITY = { ...ENVIRONMENT, stackName: 'Demo', stackId: 'arn:aws:cloudformation:eu-west-1:000000000000:stack/Demo/planned' };
const BUCKET = 'assets-${AWS::AccountId}-${AWS::Region}';

/** A nested stack as the CDK declares it. */
const nested = (file: string, parameters: object = {}, more: Partial<TemplateResource> = {}): TemplateResource => ({
  Type: 'AWS::CloudFormation::Stack',
  Properties: { Parameters: parameters, TemplateURL: { 'Fn::Join': ['', ['https://s3.', { Ref: 'AWS::Region' }, '.', { Ref: 'AWS::URLSuffix' }, '/', { 'Fn::Sub': BUCKET }, `/${file}`]] } },
  ...more,
});
const thing = (properties: Record<string, unknown> = {}, more: Partial<TemplateResource> = {}): TemplateResource => ({ Type: 'AWS::Thing', Properties: properties, ...more });

/** An assembly of the stack Demo; the file of each template has its name. */
function assemblyOf(root: Template, templates: Record<string, Template> = {}, assets: readonly string[] = []): string {
  const asset = (path: string, packaging: string) => ({ source: { path, packaging }, destinations: { d: { bucketName: BUCKET, objectKey: path } } });
  const files = Object.fromEntries(['Demo.json', ...Object.keys(templates)].map((name) => [name, asset(name, 'file')]));
  return writeFiles(scratchDirectory(), {
    'manifest.json': JSON.stringify({
      artifacts: {
        'Demo.assets': { type: 'cdk:asset-manifest', properties: { file: 'Demo.assets.json' } },
        'Demo': { type: 'aws:cloudformation:stack', properties: { templateFile: 'Demo.json' }, dependencies: ['Demo.assets'] },
      },
    }),
    'Demo.assets.json': JSON.stringify({ files: { ...files, ...Object.fromEntries(assets.map((path) => [path, asset(path, 'zip')])) } }),
    'Demo.json': JSON.stringify(root),
    ...Object.fromEntries(Object.entries(templates).map(([name, template]) => [name, JSON.stringify(template)])),
  });
}

function stackOf(...args: Parameters<typeof assemblyOf>): AssemblyStack {
  return readAssembly(assemblyOf(...args))[0];
}

function planned(root: Template, templates: Record<string, Template> = {}) {
  const stack = stackOf(root, templates);
  return lookThrough(plannedStack(stack), IDENTITY, { environment: ENVIRONMENT, assets: assetLookup(stack, ENVIRONMENT) });
}

test('the resources of nested stacks are looked through too, each with the path of its stack', () => {
  const path = { Metadata: { 'aws:cdk:path': 'Demo/Group/One.NestedStack/One.NestedStackResource' } };
  expect(planned(
    { Resources: { A: thing(), One: nested('one.json', {}, path) } },
    { 'one.json': { Resources: { B: thing(), Two: nested('two.json') } }, 'two.json': { Resources: { C: { Type: 'AWS::Other' } } } },
  )).toEqual([
    ['A', 'AWS::Thing'], ['One', 'AWS::CloudFormation::Stack'],
    ['Demo/Group/One/B', 'AWS::Thing'], ['Demo/Group/One/Two', 'AWS::CloudFormation::Stack'], ['Demo/Group/One/Two/C', 'AWS::Other'],
  ]);
});

test('a nested stack whose condition does not hold is no more looked at than any resource', () => {
  const conditions = { Never: { 'Fn::Equals': ['a', 'b'] } };
  expect(planned({ Conditions: conditions, Resources: { One: nested('gone.json', {}, { Condition: 'Never' }) } })).toEqual([]);
});

describe('is refused by the path of its stack', () => {
  test.each<[string, Template, object, string]>([
    ['an unresolved reference', { Resources: { A: thing({ X: { Ref: 'Nobody' } }) } }, {}, 'Resources: unresolved references to Nobody (at Resources.A.Properties.X.Ref)'],
    ['a circle', { Resources: { A: thing({}, { DependsOn: 'A' }) } }, {}, 'Resources: circular dependency A -> A'],
    ['a transform', { Transform: 'AWS::Serverless-2016-10-31' }, {}, 'Transform: is run by CloudFormation only'],
    ['an unknown function in a condition', { Conditions: { C: { 'Fn::Contains': [] } }, Resources: { A: thing({}, { Condition: 'C' }) } }, {}, 'Conditions.C: Fn::Contains cannot be evaluated locally'],
    ['a parameter without a value', { Parameters: { In: { Type: 'String' } } }, {}, 'Parameters: In has neither a value nor a default'],
    ['a value that is not allowed', { Parameters: { In: { Type: 'String', AllowedValues: ['a'] } } }, { In: 'b' }, 'Parameters.In: "b" is not one of the allowed values a'],
    ['a parameter that is not declared', { Resources: {} }, { In: { 'Fn::GetAtt': ['A', 'X'] } }, 'Parameters: [In] do not exist in the template'],
  ])('%s', (_, template, parameters, reason) => {
    expect(() => planned({ Resources: { A: thing(), One: nested('one.json', parameters) } }, { 'one.json': template })).toThrow(`nested stack Demo/One: ${reason}`);
  });

  test('unknown types, all at once with those of the root, before anything happens', async () => {
    const endpoint = await FakeEndpoint.start();
    try {
      const other = { Type: 'AWS::Other' };
      const assemblyDirectory = assemblyOf({ Resources: { A: thing(), One: nested('one.json') } }, { 'one.json': { Resources: { B: thing(), C: other } } });
      const events: StackEvent[] = [];
      const options = {
        endpoint: endpoint.url, stateDir: scratchDirectory(), assemblyDirectory, onEvent: (event: StackEvent) => events.push(event), onLog: () => {},
      };
      await expect(deploy(options)).rejects.toThrow('cannot be deployed locally: AWS::Thing (A, Demo/One/B), AWS::Other (Demo/One/C); take them out');
      expect(events).toEqual([]);
      expect(await deploy({ ...options, allowStubs: true })).toMatchObject({ succeeded: true });
      expect(await destroy(options)).toMatchObject({ succeeded: true, stacks: [{ stackName: 'Demo', status: 'DELETE_COMPLETE' }] });
    } finally {
      await endpoint.stop();
    }
  });

  test('a template that the assembly does not have', () => {
    expect(() => planned({ Resources: { One: nested('gone.json') } }))
      .toThrow('nested stack Demo/One: the assembly has no template for https://s3.eu-west-1.amazonaws.com/assets-000000000000-eu-west-1/gone.json');
  });

  test('a template that is nested in itself', () => {
    expect(() => planned({ Resources: { One: nested('one.json') } }, { 'one.json': { Resources: { Two: nested('one.json') } } }))
      .toThrow(/^nested stack Demo\/One\/Two: its template .*one\.json is nested in itself$/);
  });
});

test('what depends on values that are not there yet is not decided: all resources count, and none is refused for it', () => {
  const inner: Template = {
    Parameters: { In: { Type: 'String' }, Size: { Type: 'String', AllowedValues: ['s', 'm'] } },
    Conditions: { On: { 'Fn::Equals': [{ Ref: 'In' }, 'on'] }, Off: { 'Fn::Not': [{ Condition: 'On' }] } },
    Resources: { B: thing({}, { Condition: 'On' }), C: thing({ X: { 'Fn::If': ['Off', 'x', { Ref: 'B' }] } }, { Condition: 'Off' }) },
  };
  const given = { In: { 'Fn::GetAtt': ['A', 'State'] }, Size: { 'Fn::GetAtt': ['A', 'Size'] } };
  expect(planned({ Resources: { A: thing(), One: nested('one.json', given) } }, { 'one.json': inner }).map(([id]) => id)).toEqual(['A', 'One', 'Demo/One/B', 'Demo/One/C']);
  // with known values, they are decided
  expect(planned({ Resources: { One: nested('one.json', { In: 'on', Size: 's' }) } }, { 'one.json': inner }).map(([id]) => id)).toEqual(['One', 'Demo/One/B']);
  // and those on which no condition depends do not hold up the rest
  const unconditional: Template = { Parameters: inner.Parameters, Resources: { B: thing({ X: { Ref: 'Nobody' } }) } };
  expect(() => planned({ Resources: { A: thing(), One: nested('one.json', given) } }, { 'one.json': unconditional })).toThrow('unresolved references to Nobody');
});

test('a URL that a parameter of the parent completes is followed', () => {
  const url = { 'Fn::Sub': 'https://${Bucket}.s3.${AWS::Region}.${AWS::URLSuffix}/one.json' };
  const one = { Type: 'AWS::CloudFormation::Stack', Properties: { TemplateURL: url } };
  expect(planned(
    { Parameters: { Bucket: { Type: 'String', Default: 'assets-000000000000-eu-west-1' } }, Resources: { One: one } },
    { 'one.json': { Resources: { B: thing() } } },
  ).map(([id]) => id)).toEqual(['One', 'Demo/One/B']);
});

test('of the assets of nested stacks what is neither a template nor only code of functions is uploaded', () => {
  const fn = (key: string): TemplateResource => ({ Type: 'AWS::Lambda::Function', Properties: { Code: { S3Bucket: { 'Fn::Sub': BUCKET }, S3Key: key } } });
  const stack = stackOf(
    { Resources: { One: nested('one.json') } },
    { 'one.json': { Resources: { Fn: fn('function.zip'), Two: nested('two.json') } }, 'two.json': { Resources: { Fn: fn('both.zip'), A: thing({ Key: 'both.zip', Code: 'agent.zip' }) } } },
    ['function.zip', 'both.zip', 'agent.zip'],
  );
  expect(publicationsOf(stack, ENVIRONMENT).map(({ location: { bucket, key } }) => `${bucket}/${key}`).sort())
    .toEqual(['assets-000000000000-eu-west-1/agent.zip', 'assets-000000000000-eu-west-1/both.zip']);
  expect(nestedStacksOf(stack, ENVIRONMENT).map(({ within }) => within)).toEqual([['One'], ['One', 'Two']]);
});
