import { newState, ResourceRecord, StackState } from '../../../src/local/deployer/engine/state';
import { findStateMachine } from '../../../src/local/workflow/find-state-machine';

const DEFINITION = { StartAt: 'A', States: { A: { Type: 'Succeed' } } };

const record = (logicalId: string, type: string, physicalId: string): ResourceRecord => ({
  logicalId, type, physicalId, status: 'CREATE_COMPLETE', properties: { Definition: DEFINITION }, attributes: {}, dependsOn: [],
});
const machine = (logicalId: string, arn: string) => record(logicalId, 'AWS::StepFunctions::StateMachine', arn);
const nested = (name: string) => record(`${name}NestedStack${name}NestedStackResource01234567`, 'AWS::CloudFormation::Stack', `id-${name}`);

function stack(stackName: string, stackId: string, resources: ResourceRecord[], parent?: string): StackState {
  const state = newState({ stackName, stackId, region: 'us-east-1', account: '000000000000' }, { template: {}, parameters: {} }, parent === undefined ? undefined : { stackId: parent, templateUrl: '', earlier: {} });
  resources.forEach((each) => { state.resources[each.logicalId] = each; });
  return state;
}

const stacks = [
  stack('Demo', 'id-demo', [nested('First'), nested('Second')]),
  stack('Demo-First-AAAAAAAAAAAA', 'id-First', [machine('Loop01234567', 'arn:first'), nested('Deep')], 'id-demo'),
  stack('Demo-Second-AAAAAAAAAAAA', 'id-Second', [machine('Loop01234567', 'arn:second')], 'id-demo'),
  stack('Demo-First-AAAAAAAAAAAA-Deep-AAAAAAAAAAAA', 'id-Deep', [machine('Loop01234567', 'arn:deep')], 'id-First'),
];

test.each([
  ['Demo/First/Loop', 'arn:first'],
  ['Second/Loop', 'arn:second'],
  ['Demo/First/Deep/Loop', 'arn:deep'],
  ['arn:deep', 'arn:deep'],
])('a state machine of a nested stack is found by %s', (wanted, arn) => {
  expect(findStateMachine(stacks, wanted)).toMatchObject({ arn, definition: DEFINITION });
});

test('several of one logical id are told with the names of their stacks', () => {
  expect(() => findStateMachine(stacks, 'Loop')).toThrow('Loop means 3 state machines: Demo-First-AAAAAAAAAAAA/Loop01234567, Demo-Second-AAAAAAAAAAAA/Loop01234567');
});
