import { ResourceRecord, StackState } from '../../../../src/local/deployer/engine/state';
import { StateStore } from '../../../../src/local/deployer/engine/state-store';
import { CodeStore } from '../../../../src/local/deployer/lambda/code-store';
import { FunctionDirectory } from '../../../../src/local/deployer/lambda/directory';
import { scratchDirectory } from '../scratch';

const ARN = (region: string, name: string) => `arn:aws:lambda:${region}:000000000000:function:${name}`;

function stack(stackName: string, region: string, functions: Record<string, Partial<ResourceRecord>>): StackState {
  const record = (logicalId: string, more: Partial<ResourceRecord>): ResourceRecord => ({
    logicalId, type: 'AWS::Lambda::Function', status: 'CREATE_COMPLETE', physicalId: logicalId, properties: {}, attributes: { Arn: ARN(region, logicalId) }, dependsOn: [], ...more,
  });
  return {
    format: 1,
    stackName,
    stackId: stackName,
    region,
    account: '000000000000',
    status: 'CREATE_COMPLETE',
    template: {},
    parameters: {},
    obsolete: [],
    outputs: [],
    imports: [],
    resources: Object.fromEntries(Object.entries(functions).map(([id, more]) => [id, record(id, more)])),
  };
}

test('functions are found as Lambda finds them', () => {
  const store = new StateStore(scratchDirectory());
  store.save(stack('One', 'us-east-1', { same: {}, fn: {}, making: { attributes: {} }, role: { type: 'AWS::IAM::Role' } }));
  store.save(stack('Two', 'eu-west-1', { same: {} }));
  const directory = new FunctionDirectory(store, new CodeStore(scratchDirectory()));
  const found = (reference: string, region?: string) => directory.findNamed(reference, region)?.arn;

  expect(found('fn')).toBe(ARN('us-east-1', 'fn'));
  expect(found('fn:$LATEST', 'us-east-1')).toBe(ARN('us-east-1', 'fn'));
  expect(found('fn', 'eu-west-1')).toBeUndefined();
  expect(found('same', 'eu-west-1')).toBe(ARN('eu-west-1', 'same'));
  expect(found('same', 'us-east-1')).toBe(ARN('us-east-1', 'same'));
  expect(found('000000000000:function:fn:$LATEST')).toBe(ARN('us-east-1', 'fn'));
  expect(found('111111111111:function:fn')).toBeUndefined();
  expect(found(`${ARN('eu-west-1', 'same')}:live`, 'us-east-1')).toBe(ARN('eu-west-1', 'same'));
  expect(['making', 'role', 'gone', ''].map((name) => found(name))).toEqual([undefined, undefined, undefined, undefined]);
});
