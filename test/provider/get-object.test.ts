import { createServer, Server, ServerResponse } from 'node:http';
import { AddressInfo } from 'node:net';
import { BedrockAgentCoreClient } from '@aws-sdk/client-bedrock-agentcore';
import { getObject, linesOfObject } from '../../src/provider/get-object';

const client = new BedrockAgentCoreClient({ region: 'eu-west-1', credentials: { accessKeyId: 'id', secretAccessKey: 'key' } });
const place = { bucket: 'results', key: 'fleets/a night/SUCCEEDED_0.jsonl' };

let server: Server;
let answer: (response: ServerResponse) => void;
const asked: { url?: string; authorization?: string }[] = [];
beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push({ url: request.url, authorization: request.headers.authorization });
    answer(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  process.env.AWS_ENDPOINT_URL_S3 = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  delete process.env.AWS_ENDPOINT_URL_S3;
  client.destroy();
  await new Promise((resolve) => server.close(resolve));
});

async function linesOf(): Promise<string[]> {
  const lines = [];
  for await (const line of linesOfObject(client, place)) lines.push(line);
  return lines;
}

test('lines come whole, however they are sent, and the request is signed for S3', async () => {
  answer = (response) => {
    response.write('{"a":"gr');
    response.write(Buffer.from('ü').subarray(0, 1));
    response.write(Buffer.from('ü').subarray(1));
    response.end('ße"}\n\r\n\n{"b":2}');
  };
  expect(await linesOf()).toEqual(['{"a":"grüße"}', '{"b":2}']);
  expect(asked.at(-1)).toMatchObject({ url: '/results/fleets/a%20night/SUCCEEDED_0.jsonl', authorization: expect.stringContaining('/eu-west-1/s3/aws4_request') });
});

test('an object that is cut off is an error, and not a shorter list', async () => {
  answer = (response) => {
    response.writeHead(200, { 'content-length': '1000' });
    response.write('{"a":1}\n{"b":', () => response.destroy());
  };
  await expect(linesOf()).rejects.toThrow();
});

test('what S3 does not give is told by its name', async () => {
  answer = (response) => response.writeHead(404).end('<Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message></Error>');
  await expect(getObject(client, place)).rejects.toMatchObject({
    name: 'NoSuchKey', status: 404, message: 's3://results/fleets/a night/SUCCEEDED_0.jsonl could not be read: The specified key does not exist.',
  });
});
