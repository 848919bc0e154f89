import {
  CreateAgentRuntimeCommand, DeleteAgentRuntimeCommand, DeleteResourcePolicyCommand, GetResourcePolicyCommand, PutResourcePolicyCommand,
} from '@aws-sdk/client-bedrock-agentcore-control';
import { containerInput, errorOf, Harness, policyFor } from '../support/harness';

let harness: Harness;
let runtimeArn: string;
beforeEach(async () => {
  harness = await Harness.start();
  runtimeArn = (await harness.control().send(new CreateAgentRuntimeCommand(containerInput('agent')))).agentRuntimeArn!;
});
afterEach(async () => harness.end());

const put = async (resourceArn: string, policy: string) => harness.control().send(new PutResourcePolicyCommand({ resourceArn, policy }));
const get = async (resourceArn: string) => harness.control().send(new GetResourcePolicyCommand({ resourceArn }));

test('is kept for a runtime and an endpoint each, as it was put, until it is deleted', async () => {
  const endpointArn = `${runtimeArn}/runtime-endpoint/DEFAULT`;
  expect(await put(runtimeArn, policyFor(runtimeArn))).toMatchObject({ policy: policyFor(runtimeArn), $metadata: { httpStatusCode: 201 } });
  const spaced = JSON.stringify(JSON.parse(policyFor(endpointArn)), undefined, 2);
  await put(endpointArn, spaced);
  await harness.restart();
  expect((await get(runtimeArn)).policy).toBe(policyFor(runtimeArn));
  expect((await get(endpointArn)).policy).toBe(spaced);

  const remove = async () => harness.control().send(new DeleteResourcePolicyCommand({ resourceArn: runtimeArn }));
  expect((await remove()).$metadata.httpStatusCode).toBe(204);
  for (const call of [get(runtimeArn), remove()]) expect(await errorOf(call)).toMatchObject({ name: 'ResourceNotFoundException' });
  expect((await get(endpointArn)).policy).toBe(spaced);
});

test('goes with its runtime', async () => {
  await put(runtimeArn, policyFor(runtimeArn));
  await harness.control().send(new DeleteAgentRuntimeCommand({ agentRuntimeId: runtimeArn.split('/')[1] }));
  expect((await errorOf(get(runtimeArn))).name).toBe('ResourceNotFoundException');
});

test.each([
  ['another account\'s', (arn: string) => arn.replace('000000000000', '111122223333')],
  ['another region\'s', (arn: string) => arn.replace('us-east-1', 'eu-west-1')],
  ['an unknown endpoint\'s', (arn: string) => `${arn}/runtime-endpoint/prod`],
  ['a gateway\'s', () => 'arn:aws:bedrock-agentcore:us-east-1:000000000000:gateway/some-0123456789'],
])('%s ARN is not found', async (_, change) => {
  const arn = change(runtimeArn);
  expect((await errorOf(put(arn, policyFor(arn)))).name).toBe('ResourceNotFoundException');
  expect((await errorOf(get(arn))).name).toBe('ResourceNotFoundException');
});

test('a policy that is none, or about anything else than exactly its resource, is invalid', async () => {
  for (const policy of ['{', policyFor(`${runtimeArn}/*`)]) {
    expect(await errorOf(put(runtimeArn, policy))).toMatchObject({ name: 'ValidationException', reason: 'FieldValidationFailed', fieldList: [{ name: 'policy' }] });
  }
});
