import { BedrockAgentCoreClient, StopRuntimeSessionCommand } from '@aws-sdk/client-bedrock-agentcore';
import { HttpRequest, HttpResponse } from '@smithy/core/protocols';
import { inRegionOf } from '../../src/provider/region-of-runtime';

const arnIn = (region: string, partition = 'aws') => `arn:${partition}:bedrock-agentcore:${region}:111122223333:runtime/coder-0123456789`;

let seen: HttpRequest[];

function clientIn(region: string, endpoint?: string): BedrockAgentCoreClient {
  return new BedrockAgentCoreClient({
    region,
    endpoint,
    credentials: { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'example' },
    requestHandler: {
      handle: async (request: HttpRequest) => {
        seen.push(request);
        return { response: new HttpResponse({ statusCode: 200, headers: {}, body: new Uint8Array() }) };
      },
    },
  });
}

async function callAbout(runtimeArn: string, client: BedrockAgentCoreClient): Promise<{ host: string; scope: string }> {
  const regional = await inRegionOf(runtimeArn, client);
  await regional.send(new StopRuntimeSessionCommand({ agentRuntimeArn: runtimeArn, runtimeSessionId: 'a'.repeat(33) }));
  const [{ hostname, headers }] = seen;
  return { host: hostname, scope: /Credential=AKIAEXAMPLE\/\d+\/([^,]+)/.exec(headers.authorization)![1] };
}

beforeEach(() => {
  seen = [];
});

test('in the own region it is the client itself', async () => {
  const client = clientIn('us-east-1');
  expect(await inRegionOf(arnIn('us-east-1'), client)).toBe(client);
});

test.each([
  ['eu-west-1', 'aws', 'bedrock-agentcore.eu-west-1.amazonaws.com'],
  ['us-gov-west-1', 'aws-us-gov', 'bedrock-agentcore.us-gov-west-1.amazonaws.com'],
])('a runtime in %s is called and signed for there', async (region, partition, host) => {
  expect(await callAbout(arnIn(region, partition), clientIn('us-east-1'))).toEqual({ host, scope: `${region}/bedrock-agentcore/aws4_request` });
});

test('an endpoint that was set stays', async () => {
  const { host, scope } = await callAbout(arnIn('eu-west-1'), clientIn('us-east-1', 'http://127.0.0.1:1'));
  expect([host, scope]).toEqual(['127.0.0.1', 'eu-west-1/bedrock-agentcore/aws4_request']);
});

test('the other client tries once only, as a command must not start twice', async () => {
  const other = await inRegionOf(arnIn('eu-west-1'), clientIn('us-east-1'));
  expect(await other.config.maxAttempts()).toBe(1);
});
